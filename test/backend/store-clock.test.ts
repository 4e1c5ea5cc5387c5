import { expect, test } from 'vitest';
import { StoreClock } from '../../backend/store-clock.ts';
import { createLogger } from '../../shared/log.ts';
import { MONDAY, TestClock, settle } from '../harness/clock.ts';

function setup(ahead: number) {
  const lines: string[] = [];
  const log = createLogger('test', 'trace', { write: (line: string) => void lines.push(line) });
  const process = new TestClock(MONDAY);
  const store = { ahead, fails: false, roundTrip: 0, reads: 0 };
  const clock = new StoreClock(
    process,
    async () => {
      store.reads += 1;
      if (store.fails) throw new Error('away');
      process.advanceSync(store.roundTrip / 2);
      const time = MONDAY + process.monotonic() + store.ahead;
      process.advanceSync(store.roundTrip / 2);
      return time;
    },
    log,
  );
  return { lines, process, store, clock };
}

test('before the first reading it is the clock of the process', () => {
  const { clock, process } = setup(5_000);
  expect(clock.now()).toBe(process.now());
});

test('it follows the store, also through a step of the wall clock', async () => {
  const { clock, process } = setup(5_000);
  await clock.start();
  expect(clock.now()).toBe(MONDAY + 5_000);
  process.step(3_600_000);
  expect(clock.now()).toBe(MONDAY + 5_000);
  await process.advance(250);
  expect(clock.now()).toBe(MONDAY + 5_250);
});

test('half the round trip is allowed for', async () => {
  const { clock, process, store } = setup(0);
  store.roundTrip = 80;
  await clock.start();
  expect(clock.now()).toBe(process.now());
});

test('every 10 s it is set again', async () => {
  const { clock, process, store } = setup(0);
  await clock.start();
  store.ahead = 40;
  await process.advance(10_000);
  expect(clock.now()).toBe(MONDAY + 10_040);
});

test('a step of the wall clock has the store asked at once', async () => {
  const { clock, process, store } = setup(0);
  await clock.start();
  const reads = store.reads;
  process.step(-5_000);
  await process.advance(1_000);
  expect(store.reads).toBeGreaterThan(reads);
});

test('more than 100 ms apart is told once, and again when it is over', async () => {
  const { clock, process, store, lines } = setup(150);
  await clock.start();
  await process.advance(30_000);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('"skewMs":-150');
  expect(clock.health.check()).toMatchObject({ ok: true });
  store.ahead = 0;
  await process.advance(10_000);
  expect(lines).toHaveLength(2);
});

test('more than 1 s apart is not ready, and says what to do', async () => {
  const { clock } = setup(-1_200);
  await clock.start();
  expect(clock.health.check()).toMatchObject({ ok: false, problem: expect.stringContaining('NTP') });
});

test('a slow answer is no skew', async () => {
  const { clock, store, process } = setup(0);
  store.roundTrip = 3_000;
  await clock.start();
  expect(clock.health.check()).toMatchObject({ ok: true });
  expect(clock.now()).toBe(process.now());
});

test('while the store is away it runs on', async () => {
  const { clock, process, store } = setup(2_000);
  await clock.start();
  store.fails = true;
  await process.advance(60_000);
  expect(clock.now()).toBe(MONDAY + 62_000);
});

test('a stopped one leaves no timer behind', async () => {
  const { clock, process } = setup(0);
  await clock.start();
  clock.stop();
  await settle();
  expect(process.pending).toBe(0);
});

test('a pinned one stands still until it is let go', async () => {
  const { clock, process } = setup(0);
  await clock.start();
  clock.pin(Date.UTC(2010, 4, 7));
  await process.advance(5_000);
  expect(clock.now()).toBe(Date.UTC(2010, 4, 7));
  clock.pin(null);
  expect(clock.now()).toBe(MONDAY + 5_000);
});
