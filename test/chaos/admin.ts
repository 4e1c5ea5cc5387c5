import { systemClock } from '../../shared/clock.ts';

/** Longest wait for an answer of an admin port or of the backend, ms. */
const TIMEOUT = 5_000;

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** One HTTP call; status 0 when there was no answer. */
export async function call(method: string, url: string, body?: unknown): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method,
      signal: AbortSignal.timeout(TIMEOUT),
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    return { status: 0, text: String(error) };
  }
}

export async function untilTrue(test: () => Promise<boolean>, what: string, timeout: number): Promise<void> {
  const deadline = systemClock.monotonic() + timeout;
  while (!(await test())) {
    if (systemClock.monotonic() > deadline) throw new Error(`not within ${timeout} ms: ${what}`);
    await pause(50);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void systemClock.after(ms, resolve));
}

/** The value of a metric, or the sum over those of its labels that contain `label`; null when the process does not answer. */
export async function metric(port: number, name: string, label = ''): Promise<number | null> {
  const { status, text } = await call('GET', `http://127.0.0.1:${port}/metrics`);
  if (status !== 200) return null;
  let sum = 0;
  for (const line of text.split('\n')) {
    const isOwn = line.startsWith(`${name} `) || line.startsWith(`${name}{`);
    if (isOwn && line.includes(label)) sum += Number(line.slice(line.lastIndexOf(' ') + 1));
  }
  return sum;
}
