import { expect } from 'vitest';
import { systemClock } from '../../../shared/clock.ts';
import type { ErrorEntry } from '../../../shared/errors.ts';
import { until } from '../../harness/latch.ts';
import { get, metric } from '../../harness/stack.ts';
import type { Answer, StackProcess } from '../../harness/stack.ts';

/** BACKEND_TIMEOUT_MS of these stacks, and what an answer may take beyond it on a busy machine, ms. */
const BACKEND_TIMEOUT = 500;
const SLACK = 1_500;

/** The answer of a call that must come within the backend's time-out and a little. */
export async function promptly(call: Promise<Answer>): Promise<Answer> {
  const started = systemClock.monotonic();
  const answer = await call;
  expect(systemClock.monotonic() - started).toBeLessThan(BACKEND_TIMEOUT + SLACK);
  return answer;
}

/** Asserts that it is this error and no other: status and public text. */
export function expectError(answer: Pick<Answer, 'status' | 'body'>, error: ErrorEntry): void {
  expect({ status: answer.status, body: answer.body.trim() }).toEqual({
    status: error.status,
    body: error.publicMessage,
  });
}

/** Waits for a log line of a process with this code. */
export async function logged(process: StackProcess, code: string): Promise<void> {
  await process.process.line(new RegExp(`"code":"${code}"`));
}

/** Waits until a metric of a process is above a value. */
export async function rises(port: number, name: string, label: string, above: number): Promise<void> {
  await until(async () => (await metric(port, name, label)) > above, `${name} {${label}} is above ${above}`);
}

/** Waits until a gateway serves this caller, at most `timeout` ms. */
export async function serves(gateway: StackProcess, key: string, timeout = 15_000): Promise<void> {
  await until(async () => (await get(gateway.port, `/?user_key=${key}`)).status === 200, `${key} is served`, timeout);
}

export async function ready(port: number): Promise<boolean> {
  return (await get(port, '/health/ready')).status === 200;
}
