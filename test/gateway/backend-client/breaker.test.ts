import { expect, test } from 'vitest';
import { Breaker } from '../../../gateway/backend-client/breaker.ts';

function failing(times: number, breaker: Breaker, now: number): void {
  for (let index = 0; index < times; index++) {
    if (breaker.admits(now)) breaker.failed(now);
  }
}

test('three failures in a row open it, a success in between does not let them add up', () => {
  const breaker = new Breaker(() => 0.5);
  failing(2, breaker, 0);
  breaker.succeeded();
  failing(2, breaker, 0);
  expect(breaker.isOpen(0)).toBe(false);
  failing(1, breaker, 0);
  expect(breaker.isOpen(0)).toBe(true);
  expect(breaker.admits(249)).toBe(false);
});

test('one probe goes through; its failure doubles the pause, its success closes it', () => {
  const breaker = new Breaker(() => 0.5);
  failing(3, breaker, 0);
  expect(breaker.admits(250)).toBe(true);
  expect(breaker.admits(250)).toBe(false);
  breaker.failed(250);
  expect(breaker.admits(749)).toBe(false);
  expect(breaker.admits(750)).toBe(true);
  expect(breaker.succeeded()).toBe(true);
  expect(breaker.admits(750)).toBe(true);
  expect(breaker.admits(750)).toBe(true);
});

test('late failures of calls from before it opened do not count as failures of the probe', () => {
  const breaker = new Breaker(() => 0.5);
  failing(3, breaker, 0);
  breaker.failed(100);
  breaker.failed(200);
  expect(breaker.admits(250)).toBe(true);
});

test('the pause has a bound and is spread', () => {
  const pauses = [0, 0.999].map((random) => {
    const breaker = new Breaker(() => random);
    let now = 0;
    for (let round = 0; round < 30; round++) {
      failing(3, breaker, now);
      now += breaker.pause(now);
    }
    failing(1, breaker, now);
    return breaker.pause(now);
  });
  expect(pauses[0]).toBe(2_500);
  expect(pauses[1]).toBeCloseTo(7_495);
});
