import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Authorization, AuthorizationSettings } from '../../../gateway/authorization/authorization.ts';
import { systemClock } from '../../../shared/clock.ts';
import { MONDAY, TestClock } from '../../harness/clock.ts';
import { temporaryFolder } from '../../harness/folder.ts';
import { startedAuthorization } from '../support/authorization.ts';
import { BatchBackend, type BatchFault } from '../support/batch-backend.ts';

interface Stage {
  readonly backend: BatchBackend;
  readonly clock: TestClock;
  readonly authorization: Authorization;
  readonly directory: string;
  readonly use: (amount: number) => void;
  /** Lets time pass until it holds. */
  readonly pass: (condition: () => boolean, what: string) => Promise<void>;
}

async function stage(changes: Partial<AuthorizationSettings> = {}): Promise<Stage> {
  const backend = await BatchBackend.start();
  const clock = new TestClock(MONDAY);
  const directory = await temporaryFolder();
  const journal = { directory, maxBytes: 1 << 30, full: 'refuse', fsyncMs: 0, sealMs: 1000 } as const;
  const authorization = await startedAuthorization(backend, { journal, ...changes }, clock);
  const owner = authorization.journal.owner({ service: '42', kind: 'application', id: 'app' });
  const hits = authorization.journal.metric('hits');
  return {
    backend,
    clock,
    authorization,
    directory,
    use: (amount) => {
      authorization.journal.use(owner, hits, clock.now(), amount, 0, 0);
      authorization.journal.code(owner, clock.now(), 200);
      authorization.journal.commit();
    },
    pass: (condition, what) => passUntil(clock, condition, what),
  };
}

/** Time passes quickly, while sockets and files take theirs. */
async function passUntil(clock: TestClock, condition: () => boolean, what: string): Promise<void> {
  const deadline = systemClock.monotonic() + 10_000;
  while (!condition()) {
    if (systemClock.monotonic() > deadline) throw new Error(`not reached: ${what}`);
    await clock.advance(50);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

function segments({ directory, authorization }: Stage): string[] {
  return readdirSync(join(directory, authorization.journal.epoch)).filter((name) => name !== 'owner');
}

test('a sealed segment becomes a batch: entries, codes, proofs, sequence and floor', async () => {
  const test_ = await stage();
  test_.use(3);
  await test_.pass(() => test_.backend.units === 3, 'it is applied');
  expect(test_.backend.arrived).toEqual([
    {
      epoch: test_.authorization.journal.epoch,
      services: [{ service: '42', tokenKind: 'service_token', token: 'tok42' }],
      sequence: 1,
      floor: 1,
      owners: [{ service: '42', kind: 'application', id: 'app' }],
      entries: [{ owner: 0, metric: 'hits', minute: MONDAY, use: 3, take: 0 }],
      codes: [{ owner: 0, minute: MONDAY, status: 200, count: 1 }],
    },
  ]);
});

test('an applied batch is kept for a minute, until a later message is answered by the same store', async () => {
  const test_ = await stage();
  const { clock, backend, authorization } = test_;
  test_.use(1);
  await test_.pass(() => authorization.reporting.backlog.kept === 1, 'it is applied');
  const appliedAt = clock.monotonic();
  for (let units = 2; segments(test_).includes('0000000001.sealed'); units++) {
    test_.use(1);
    await test_.pass(() => backend.units === units, 'the next one is applied');
    expect(units).toBeLessThan(200);
  }
  expect(clock.monotonic() - appliedAt).toBeGreaterThanOrEqual(59_000);
  // No more usage: the store's identity is asked for.
  await test_.pass(() => authorization.reporting.backlog.kept === 0, 'the others go');
  await test_.pass(() => segments(test_).length === 0, 'all files go');
});

test('a store that forgot what it acknowledged gets it again, and nothing twice', async () => {
  const test_ = await stage();
  for (let index = 0; index < 5; index++) {
    test_.use(10 ** index);
    await test_.pass(
      () => test_.authorization.reporting.backlog.undelivered === 0 && test_.authorization.journal.openUnits === 0,
      'it is applied',
    );
  }
  test_.backend.failOver(3);
  expect(test_.backend.units).toBe(11);
  test_.use(100_000);
  await test_.pass(() => test_.backend.units === 111_111, 'all of it is applied again');
  await test_.pass(() => test_.authorization.reporting.backlog.undelivered === 0, 'nothing is left');
  expect(test_.backend.units).toBe(111_111);
});

test('a store that fails over while nothing is used is noticed as well', async () => {
  const test_ = await stage();
  test_.use(7);
  await test_.pass(() => test_.authorization.reporting.backlog.kept === 1, 'it is applied');
  test_.backend.failOver(1);
  await test_.pass(() => test_.backend.units === 7, 'it is applied again');
  expect(test_.backend.arrived).toHaveLength(2);
});

test.each<BatchFault>(['drop-reply', 'unavailable', 'hang'])(
  'after %s the same batch is sent until it is applied',
  async (fault) => {
    const test_ = await stage();
    let faults = 0;
    test_.backend.fault = () => (faults++ < 3 ? fault : null);
    test_.use(5);
    await test_.pass(() => test_.authorization.reporting.backlog.kept === 1, 'it is applied');
    expect(test_.backend.units).toBe(5);
    expect(test_.backend.arrived.length).toBeGreaterThanOrEqual(4);
    const contents = test_.backend.arrived.map((batch) => JSON.stringify(batch));
    expect(new Set(contents).size).toBe(1);
  },
);

test('a batch that is only queued is sent again after 5 s', async () => {
  const test_ = await stage();
  test_.backend.fault = () => 'queued';
  test_.use(5);
  await test_.pass(() => test_.backend.arrived.length === 1, 'it arrives');
  const at = test_.clock.monotonic();
  test_.backend.fault = () => null;
  await test_.pass(() => test_.backend.units === 5, 'it is applied');
  expect(test_.clock.monotonic() - at).toBeGreaterThanOrEqual(4_900);
});

test('a batch that can never be applied is moved aside, and the next ones pass', async () => {
  const test_ = await stage();
  test_.backend.fault = ({ sequence }) => (sequence === 1 ? 'unprocessable' : null);
  test_.use(5);
  await test_.pass(
    () => test_.authorization.reporting.backlog.undelivered === 0 && test_.backend.arrived.length === 1,
    'it is set aside',
  );
  test_.use(6);
  await test_.pass(() => test_.backend.units === 6, 'the next one is applied');
  expect(readdirSync(join(test_.directory, 'aside'))).toEqual([
    `${test_.authorization.journal.epoch}.0000000001.rejected`,
  ]);
  await test_.clock.advance(120_000);
  expect(test_.backend.arrived.filter(({ sequence }) => sequence === 1)).toHaveLength(1);
});

test('a refused token is tried again in a minute and holds up nobody else', async () => {
  const test_ = await stage();
  test_.backend.fault = ({ sequence }) => (sequence === 1 ? 'unauthenticated' : null);
  test_.use(5);
  await test_.pass(() => test_.backend.arrived.length === 1, 'it arrives');
  for (let sequence = 2; sequence < 5; sequence++) {
    test_.use(1);
    await test_.pass(() => test_.backend.units === sequence - 1, 'the next one is applied');
  }
  expect(test_.backend.arrived.every(({ floor }) => floor === 1)).toBe(true);
  test_.backend.fault = () => null;
  await test_.pass(() => test_.backend.units === 8, 'it is applied at last');
});

test('two threads deliver a backlog side by side, the event loop what is new', async () => {
  const test_ = await stage({ reportingThreads: 2 });
  test_.backend.fault = () => 'unavailable';
  for (let index = 0; index < 20; index++) {
    test_.use(1);
    test_.authorization.journal.sealNow();
  }
  await test_.pass(() => test_.backend.arrived.length > 2, 'it is tried');
  test_.backend.fault = () => null;
  await test_.pass(() => test_.backend.units === 20, 'all of it is applied');
  expect(test_.authorization.reporting.deliveries.thread).toBeGreaterThan(0);
});

test('what was counted and is only kept gives way when the journal is full, the oldest first', async () => {
  const directory = await temporaryFolder();
  const journal = { directory, maxBytes: 1_024, full: 'refuse', fsyncMs: 0, sealMs: 1000 } as const;
  const test_ = await stage({ journal });
  const { reporting, journal: written } = test_.authorization;
  for (let index = 1; index <= 40; index++) {
    test_.use(1);
    written.sealNow();
    await test_.pass(() => reporting.backlog.undelivered === 0 && test_.backend.units === index, 'it is applied');
    expect(written.writable).toBe(true);
  }
  expect(reporting.early).toBeGreaterThan(0);
  const kept = reporting.backlog.oldestKept().map(({ segment }) => segment.sequence);
  // What the store was confirmed to have for good meanwhile is in neither figure.
  expect(kept.length).toBeLessThanOrEqual(40 - reporting.early);
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => 41 - kept.length + index));
});

test('usage that was not counted never gives way: a journal full of it has room with the first delivery', async () => {
  const directory = await temporaryFolder();
  const journal = { directory, maxBytes: 1_024, full: 'refuse', fsyncMs: 0, sealMs: 1000 } as const;
  const test_ = await stage({ journal });
  const { reporting, journal: written } = test_.authorization;
  test_.backend.fault = () => 'unavailable';
  let served = 0;
  for (; written.writable; served += 1) {
    test_.use(1);
    written.sealNow();
  }
  expect(reporting.early).toBe(0);
  test_.backend.fault = () => null;
  await test_.pass(() => written.writable, 'there is room again');
  await test_.pass(() => test_.backend.units === served, 'all of it is applied');
});
