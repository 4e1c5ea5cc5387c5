import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Timed, TimerWheel } from '../../../gateway/http1/timer-wheel.ts';
import { TestClock } from '../../harness/clock.ts';

class Entry extends Timed {
  expiredAt: number[] = [];
  also: () => void = () => {};

  expire(now: number): void {
    this.expiredAt.push(now);
    this.also();
  }
}

test('an entry expires once, not before its deadline and at most 0.1 s after it', () => {
  const property = fc.property(fc.integer({ min: 1, max: 300_000 }), fc.nat(1_000), (deadline, offset) => {
    const clock = new TestClock();
    clock.advanceSync(offset);
    const wheel = new TimerWheel(clock, (error) => expect.fail(String(error)));
    const entry = new Entry();
    wheel.schedule(entry, offset + deadline);
    clock.advanceSync(deadline + 200);
    expect(entry.expiredAt).toHaveLength(1);
    expect(entry.expiredAt[0]).toBeGreaterThanOrEqual(offset + deadline);
    expect(entry.expiredAt[0]).toBeLessThan(offset + deadline + 100);
    expect(clock.pending).toBe(0);
  });
  fc.assert(property, { numRuns: 200 });
});

test('a deadline that moves later, or earlier, is kept', () => {
  const clock = new TestClock();
  const wheel = new TimerWheel(clock, (error) => expect.fail(String(error)));
  const [later, earlier] = [new Entry(), new Entry()];
  wheel.schedule(later, 1_000);
  wheel.schedule(earlier, 9_000);
  clock.advanceSync(500);
  wheel.schedule(later, 5_000);
  wheel.schedule(earlier, 2_000);
  clock.advanceSync(1_600);
  expect([later.expiredAt.length, earlier.expiredAt.length]).toEqual([0, 1]);
  clock.advanceSync(3_000);
  expect([later.expiredAt.length, earlier.expiredAt.length]).toEqual([1, 1]);
});

test('a cancelled entry does not expire, also when another one cancels it in the same turn', () => {
  const clock = new TestClock();
  const wheel = new TimerWheel(clock, (error) => expect.fail(String(error)));
  const entries = [new Entry(), new Entry(), new Entry()];
  for (const entry of entries) {
    wheel.schedule(entry, 1_000);
    entry.also = () => entries.filter((other) => other !== entry).forEach((other) => wheel.cancel(other));
  }
  clock.advanceSync(2_000);
  expect(entries.filter((entry) => entry.expiredAt.length === 1)).toHaveLength(1);
  expect(clock.pending).toBe(0);
});

test('an entry that is scheduled again on its expiry expires again', () => {
  const clock = new TestClock();
  const wheel = new TimerWheel(clock, (error) => expect.fail(String(error)));
  const entry = new Entry();
  entry.also = () => wheel.schedule(entry, clock.monotonic() + 1_000);
  wheel.schedule(entry, 1_000);
  clock.advanceSync(5_500);
  expect(entry.expiredAt).toHaveLength(5);
});

test('its time is never behind the clock', () => {
  const clock = new TestClock();
  const wheel = new TimerWheel(clock, (error) => expect.fail(String(error)));
  wheel.schedule(new Entry(), 10_000);
  for (let i = 0; i < 100; i++) {
    clock.advanceSync(37);
    expect(wheel.time).toBeGreaterThanOrEqual(clock.monotonic());
    expect(wheel.time).toBeLessThanOrEqual(clock.monotonic() + 50);
  }
});
