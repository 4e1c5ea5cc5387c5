import { expect, test } from 'vitest';
import { MONDAY, TestClock } from './clock.ts';

test('timers fire in the order of their time, at their time', async () => {
  const clock = new TestClock();
  const fired: string[] = [];
  clock.after(20, () => fired.push(`b ${clock.monotonic()}`));
  clock.after(10, () => fired.push(`a ${clock.monotonic()}`));
  clock.every(15, () => fired.push(`every ${clock.monotonic()}`));
  await clock.advance(30);
  expect(fired).toEqual(['a 10', 'every 15', 'b 20', 'every 30']);
  expect(clock.now()).toBe(MONDAY + 30);
});

test('a timer set by the promise of another fires in the same advance', async () => {
  const clock = new TestClock();
  const fired: number[] = [];
  const wait = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));
  const work = async (): Promise<void> => {
    for (let i = 0; i < 3; i++) {
      await wait(10);
      fired.push(clock.monotonic());
    }
  };
  const done = work();
  await clock.advance(30);
  await done;
  expect(fired).toEqual([10, 20, 30]);
});

test('a cancelled timer does not fire, also when another timer of the same time cancels it', async () => {
  const clock = new TestClock();
  const fired: string[] = [];
  clock.after(10, () => second.cancel());
  const second = clock.after(10, () => fired.push('second'));
  await clock.advance(10);
  expect(fired).toEqual([]);
  expect(clock.pending).toBe(0);
});

test('a step of the wall clock moves no timer', async () => {
  const clock = new TestClock();
  let fired = 0;
  clock.after(10, () => (fired += 1));
  clock.step(-3_600_000);
  await clock.advance(10);
  expect(fired).toBe(1);
  expect(clock.now()).toBe(MONDAY - 3_600_000 + 10);
});
