import { expect, test } from 'vitest';
import { BackendTime } from '../../../gateway/leases/backend-time.ts';
import { MONDAY, TestClock } from '../../harness/clock.ts';

test('without a sample it is the own wall clock, and not known', () => {
  const clock = new TestClock(MONDAY);
  const time = new BackendTime(clock);
  clock.advanceSync(1_500);
  expect([time.known, time.at(clock.monotonic())]).toEqual([false, MONDAY + 1_500]);
});

test('the sample with the shortest round trip counts', () => {
  const time = new BackendTime(new TestClock(MONDAY));
  time.sample(0, 100, 1_000_050);
  time.sample(200, 204, 1_000_300);
  time.sample(300, 400, 9_999_999);
  expect(time.at(202)).toBe(1_000_300);
});

test('a sample that is older than ten seconds gives way to any other', () => {
  const time = new BackendTime(new TestClock(MONDAY));
  time.sample(0, 2, 1_000_000);
  time.sample(20_000, 20_100, 2_000_000);
  expect(time.at(20_050)).toBe(2_000_000);
});

test('a machine that slept, or a clock that was set, is noticed once and the estimate forgotten', () => {
  const clock = new TestClock(MONDAY);
  const time = new BackendTime(clock);
  time.sample(0, 2, 5_000_000);
  clock.step(101);
  expect(time.jumped(clock.monotonic())).toBe(true);
  expect(time.known).toBe(false);
  expect(time.jumped(clock.monotonic())).toBe(false);
});

test('a clock that drifts slowly is no jump', () => {
  const clock = new TestClock(MONDAY);
  const time = new BackendTime(clock);
  for (let turn = 0; turn < 100; turn += 1) {
    clock.step(50);
    expect(time.jumped(clock.monotonic())).toBe(false);
  }
});
