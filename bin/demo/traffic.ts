import type { Clock } from '../../shared/clock.ts';
import { EXAMPLE } from './example.ts';

/** Between two calls of the application without a limit, and of the limited one, ms. */
const INTERVAL = { unlimited: 100, limited: 3_000 };
/** Longest wait for an answer, ms. */
const TIMEOUT = 5_000;

/** Calls the gateway as two steady clients would, so that there is something to see. Answers with the function that stops it. */
export function startTraffic(gateway: string, clock: Clock): () => void {
  const timers = (['unlimited', 'limited'] as const).map((name) =>
    clock.every(INTERVAL[name], () => void call(`${gateway}/hello?user_key=${EXAMPLE[name].userKey}`)),
  );
  return () => {
    for (const timer of timers) timer.cancel();
  };
}

/** What comes back is the gateway's metrics to show; a call that fails is no reason to stop. */
async function call(url: string): Promise<void> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT) });
    await response.arrayBuffer();
  } catch {
    return;
  }
}
