import { expect, test } from 'vitest';
import { Pending } from '../../../../backend/store/redis/pending.ts';
import { TestClock } from '../../../harness/clock.ts';
import { outcome } from './support.ts';

const asIs = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
const never = new Promise<unknown>(() => undefined);

test('what is not answered in time ends as a time-out, each after its own time', async () => {
  const clock = new TestClock();
  const pending = new Pending(clock, 500);
  const ended: string[] = [];
  const first = outcome(pending.wait(never, asIs)).then((code) => ended.push(`first ${code}`));
  await clock.advance(300);
  const second = outcome(pending.wait(never, asIs)).then((code) => ended.push(`second ${code}`));
  await clock.advance(200);
  await first;
  expect([...ended, pending.size]).toEqual(['first timeout', 1]);
  await clock.advance(300);
  await second;
  expect([...ended, pending.size]).toEqual(['first timeout', 'second timeout', 0]);
});

test('an answer that comes in time is passed on, and no time-out follows', async () => {
  const clock = new TestClock();
  const pending = new Pending(clock, 500);
  expect(await pending.wait(Promise.resolve(7), asIs)).toBe(7);
  expect(pending.size).toBe(0);
  await clock.advance(1_000);
  const late = outcome(pending.wait(never, asIs));
  await clock.advance(500);
  expect(await late).toBe('timeout');
});

test('an answer after the time-out changes nothing any more', async () => {
  const clock = new TestClock();
  const pending = new Pending(clock, 500);
  let resolve = (_value: unknown): void => undefined;
  const late = new Promise<unknown>((settle) => (resolve = settle));
  const waiting = outcome(pending.wait(late, asIs));
  await clock.advance(500);
  resolve('late');
  expect(await waiting).toBe('timeout');
  expect(pending.size).toBe(0);
});

test('where the process was held up, an answer that is there already counts', async () => {
  const clock = new TestClock();
  const pending = new Pending(clock, 500);
  let resolve = (_value: unknown): void => undefined;
  const answer = new Promise<unknown>((settle) => (resolve = settle));
  const waiting = outcome(pending.wait(answer, asIs));
  clock.advanceSync(500);
  resolve('there');
  expect(await waiting).toBe('answered');
});

test('an error is what it means', async () => {
  const pending = new Pending(new TestClock(), 500);
  const failed = pending.wait(Promise.reject(new Error('raw')), () => new Error('explained'));
  await expect(failed).rejects.toThrow('explained');
});

test('many commands in a row leave nothing behind', async () => {
  const clock = new TestClock();
  const pending = new Pending(clock, 500);
  for (let index = 0; index < 5_000; index++) await pending.wait(Promise.resolve(index), asIs);
  expect(pending.size).toBe(0);
  await clock.advance(500);
  expect(clock.pending).toBe(0);
});
