import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Authorization } from '../../../gateway/authorization/authorization.ts';
import { systemClock } from '../../../shared/clock.ts';
import { MONDAY, TestClock } from '../../harness/clock.ts';
import { temporaryFolder } from '../../harness/folder.ts';
import { startedAuthorization } from '../support/authorization.ts';
import { BatchBackend, type BatchFault } from '../support/batch-backend.ts';

/** What happens in a round, one after another. */
const EVENT = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('use' as const), units: fc.integer({ min: 1, max: 50 }) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.integer({ min: 50, max: 4_000 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('long' as const), ms: fc.constant(70_000) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('seal' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('failOver' as const), lost: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('fault' as const),
      fault: fc.constantFrom<BatchFault | null>('drop-reply', 'queued', 'unavailable', null),
      times: fc.integer({ min: 1, max: 4 }),
    }),
  },
);
type Event = typeof EVENT extends fc.Arbitrary<infer T> ? T : never;

/** One gateway after another on one journal, against a backend whose store forgets. */
class Round {
  readonly clock: TestClock;
  readonly backend: BatchBackend;
  used = 0;
  #authorization: Authorization;
  readonly #directory: string;

  private constructor(clock: TestClock, backend: BatchBackend, directory: string, authorization: Authorization) {
    this.clock = clock;
    this.backend = backend;
    this.#directory = directory;
    this.#authorization = authorization;
  }

  static async start(): Promise<Round> {
    const backend = await BatchBackend.start();
    const directory = await temporaryFolder();
    const clock = new TestClock(MONDAY);
    backend.now = () => clock.monotonic();
    return new Round(clock, backend, directory, await start(backend, directory, clock));
  }

  async play(event: Event): Promise<void> {
    const { journal } = this.#authorization;
    switch (event.kind) {
      case 'use': {
        const owner = journal.owner({ service: '42', kind: 'application', id: `app-${event.units % 3}` });
        journal.use(owner, journal.metric('hits'), this.clock.now(), event.units, 0, 0);
        if (journal.commit()) this.used += event.units;
        return;
      }
      case 'seal':
        return journal.sealNow();
      case 'time':
      case 'long':
        return this.#pass(event.ms);
      case 'fault': {
        let left = event.times;
        this.backend.fault = () => (left-- > 0 ? event.fault : null);
        return;
      }
      case 'failOver':
        return this.backend.failOver(event.lost);
      case 'restart':
        await this.#authorization.stop(0);
        this.#authorization = await start(this.backend, this.#directory, this.clock);
    }
  }

  /** Everything is delivered, and stays so. */
  async settle(): Promise<void> {
    this.backend.fault = () => null;
    const deadline = systemClock.monotonic() + 15_000;
    while (this.backend.units !== this.used || this.#authorization.reporting.backlog.undelivered > 0) {
      if (systemClock.monotonic() > deadline) return;
      await this.#pass(500);
    }
    await this.#pass(30_000);
  }

  stop(): Promise<boolean> {
    return this.#authorization.stop(0);
  }

  async #pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 50) {
      await this.clock.advance(50);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
}

async function start(backend: BatchBackend, directory: string, clock: TestClock): Promise<Authorization> {
  const journal = { directory, maxBytes: 1 << 30, full: 'refuse', fsyncMs: 0, sealMs: 1000 } as const;
  return startedAuthorization(backend, { mode: 'batched', journal }, clock);
}

test('whatever is lost, repeated, forgotten or restarted: the backend counts what was used, once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(EVENT, { minLength: 30, maxLength: 120, size: 'max' }), async (events) => {
      const round = await Round.start();
      for (const event of events) await round.play(event);
      await round.settle();
      console.log(
        events.length,
        round.used,
        'forgot',
        round.backend.forgotten,
        'arrived',
        round.backend.arrived.length,
        events.filter((e) => e.kind === 'failOver').length,
      );
      expect(round.backend.units).toBe(round.used);
      await round.stop();
    }),
    { numRuns: 25, interruptAfterTimeLimit: 60_000 },
  );
}, 120_000);
