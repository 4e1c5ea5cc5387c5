import { onTestFinished } from 'vitest';
import { createRedisStore } from '../../../../backend/store/redis/store.ts';
import type { RedisStore, RedisStoreOptions } from '../../../../backend/store/redis/store.ts';
import { StoreUnavailable } from '../../../../backend/store/store.ts';
import type { Store } from '../../../../backend/store/store.ts';
import { systemClock } from '../../../../shared/clock.ts';
import { createLogger } from '../../../../shared/log.ts';
import { runningFrom } from '../../../contract/store/clock.ts';
import { NOON, request } from '../../../contract/store/requests.ts';
import { until } from '../../../harness/latch.ts';

/** Lines that the stores of this file have logged. */
export const logged: string[] = [];

/** A store that is closed with the test. */
export async function openStore(url: string, options: Partial<RedisStoreOptions> = {}): Promise<RedisStore> {
  const log = createLogger('test', 'info', { write: (line: string) => void logged.push(line) });
  const store = await createRedisStore({ url, ...options }, { clock: runningFrom(NOON), log });
  onTestFinished(async () => store.close());
  return store;
}

/** `answered`, or the code of the outage. Anything else is thrown. */
export async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'answered';
  } catch (error) {
    if (error instanceof StoreUnavailable) return error.code;
    throw error;
  }
}

/** Outcomes of one call of each kind. */
export async function outcomes(store: Store): Promise<Readonly<Record<string, string>>> {
  const [write, read, list, document, configuration] = await Promise.all([
    outcome(store.counters.decide(request())),
    outcome(store.counters.series('shop', 'app', { metric: 'hits' }, 'day', [NOON])),
    outcome(store.logs.append(['log'], 1, 10)),
    outcome(store.documents.get(['x'])),
    outcome(store.documents.write([{ key: ['x'], value: 1 }], {})),
  ]);
  return { write, read, list, document, configuration };
}

export const ALL_ANSWERED = {
  write: 'answered',
  read: 'answered',
  list: 'answered',
  document: 'answered',
  configuration: 'answered',
};

/** Waits until the store answers again, and answers after how many milliseconds. */
export async function recovered(store: Store): Promise<number> {
  const started = systemClock.monotonic();
  await until(async () => (await outcome(store.counters.decide(request()))) === 'answered', 'the store answers again');
  await until(async () => (await store.health()).ready, 'the store is ready again');
  return systemClock.monotonic() - started;
}

/** How long the call took, ms, with its outcome. */
export async function timed(call: () => Promise<unknown>): Promise<readonly [outcome: string, milliseconds: number]> {
  const started = systemClock.monotonic();
  const result = await outcome(call());
  return [result, systemClock.monotonic() - started];
}
