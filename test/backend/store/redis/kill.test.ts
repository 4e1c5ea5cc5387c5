import { expect, test } from 'vitest';
import type { RedisStore } from '../../../../backend/store/redis/store.ts';
import { entry, part, request } from '../../../contract/store/requests.ts';
import { until } from '../../../harness/latch.ts';
import { startRedis } from '../../../harness/redis.ts';
import { openStore, outcome, recovered } from './support.ts';

/** What was asked of the store and what it answered. */
class Ledger {
  decisionsAsked = 0;
  decisionsAnswered = 0;
  batchesApplied = 0;
  running = true;
  #sequence = 0;
  readonly #open = new Set<number>();
  readonly #store: RedisStore;

  constructor(store: RedisStore) {
    this.#store = store;
  }

  /** Asks for decisions; an outage is not asked again. */
  async decide(): Promise<void> {
    while (this.running) {
      this.decisionsAsked += 1;
      const answer = await outcome(this.#store.counters.decide(request({ application: 'decided' })));
      if (answer === 'answered') this.decisionsAnswered += 1;
      else await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Delivers batches, each until it is answered, as a gateway does. */
  async deliver(): Promise<void> {
    while (this.running) {
      this.#sequence += 1;
      const sequence = this.#sequence;
      this.#open.add(sequence);
      const entries = [entry(1n, 1n, { application: 'batched' })];
      const batch = part(this.#store.counters, sequence, entries, { floor: Math.min(...this.#open) });
      const isApplied = async (): Promise<boolean> =>
        (await outcome(this.#store.counters.apply([batch]))) === 'answered';
      await until(isApplied, 'the batch is applied', 20_000);
      this.#open.delete(sequence);
      this.batchesApplied += 1;
    }
  }

  async usage(application: string): Promise<number> {
    const [used = 0n] = await this.#store.counters.series('shop', application, { metric: 'hits' }, 'eternity', [0]);
    return Number(used);
  }
}

test(
  'with every answer synced, kill -9 loses nothing that was answered and doubles no batch',
  { timeout: 60_000 },
  async () => {
    const redis = await startRedis({ appendonly: true, appendfsync: 'always' });
    const store = await openStore(redis.url);
    const ledger = new Ledger(store);
    const work = Promise.all([ledger.deliver(), ledger.deliver(), ledger.deliver(), ledger.decide(), ledger.decide()]);
    for (let round = 0; round < 8; round++) {
      const before = ledger.batchesApplied;
      await until(() => ledger.batchesApplied > before + 20, 'some batches are applied', 20_000);
      await redis.kill();
      await redis.start();
    }
    ledger.running = false;
    await work;
    await recovered(store);
    expect(await ledger.usage('batched')).toBe(ledger.batchesApplied);
    const decided = await ledger.usage('decided');
    expect(decided).toBeGreaterThanOrEqual(ledger.decisionsAnswered);
    expect(decided).toBeLessThanOrEqual(ledger.decisionsAsked);
  },
);
