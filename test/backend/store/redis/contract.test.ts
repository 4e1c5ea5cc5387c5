import { afterAll, beforeAll } from 'vitest';
import { createRedisStore } from '../../../../backend/store/redis/store.ts';
import type { RedisStore } from '../../../../backend/store/redis/store.ts';
import { createLogger } from '../../../../shared/log.ts';
import { storeContract } from '../../../contract/store.ts';
import { runningFrom } from '../../../contract/store/clock.ts';
import { NOON } from '../../../contract/store/requests.ts';
import { startRedis } from '../../../harness/redis.ts';

const clock = runningFrom(NOON);
let store: RedisStore;

beforeAll(async () => {
  const redis = await startRedis();
  store = await createRedisStore({ url: redis.url }, { clock, log: createLogger('test', 'silent') });
});

afterAll(async () => store.close());

storeContract(async () => {
  await store.flush();
  return { clock, store };
});
