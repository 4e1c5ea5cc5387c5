import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEmbeddedStore } from '../../../backend/store/embedded/store.ts';
import { createMemoryStore } from '../../../backend/store/memory/store.ts';
import { createRedisStore } from '../../../backend/store/redis/store.ts';
import type { Store } from '../../../backend/store/store.ts';
import { createLogger } from '../../../shared/log.ts';
import { runningFrom } from '../../contract/store/clock.ts';
import { commands, everything, run, TIMES } from '../../contract/store/commands.ts';
import { NOON } from '../../contract/store/requests.ts';
import { startRedis } from '../../harness/redis.ts';

/** The commands lie weeks apart; nothing expires between them. */
const retention = { minute: 200 * 86_400_000, hour: 200 * 86_400_000 };

let stores: readonly Store[];
let folder: string;

beforeAll(async () => {
  const clock = runningFrom(NOON);
  folder = await mkdtemp(join(tmpdir(), 'tg-store-'));
  // Synced as always, so that a grant is exact here too, and nothing is frozen.
  const redis = await startRedis({ appendonly: true, appendfsync: 'always' });
  stores = [
    createMemoryStore({ clock, retention }),
    await createEmbeddedStore({ folder, retention }, { clock }),
    await createRedisStore(
      { url: redis.url, commandMs: 5_000, retention },
      { clock, log: createLogger('test', 'silent') },
    ),
  ];
});

afterAll(async () => {
  for (const store of stores) await store.close();
  await rm(folder, { recursive: true });
});

test(
  'any commands have the same answers and the same end in memory, embedded and in Redis',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(commands, async (sequence) => {
        for (const store of stores) await store.flush();
        for (const command of sequence) {
          const [memory, ...others] = await Promise.all(stores.map(async (store) => run(store, command)));
          for (const other of others) expect(other).toEqual(memory);
        }
        const [memory, ...others] = await Promise.all(stores.map(async (store) => everything(store, TIMES)));
        for (const other of others) expect(other).toEqual(memory);
      }),
      { numRuns: 200, interruptAfterTimeLimit: 40_000 },
    );
  },
);
