import { expect, test } from 'vitest';
import { exactness, grantsHeld, readFacts, refusal } from '../../../../backend/store/redis/facts.ts';
import type { ServerFacts } from '../../../../backend/store/redis/facts.ts';

const INFO = [
  '# Server',
  'redis_version:7.0.15',
  'run_id:abc',
  'maxmemory_policy:noeviction',
  'loading:0',
  'aof_enabled:1',
  'role:master',
  'connected_slaves:2',
  'slave0:ip=10.0.0.1,port=6379,state=online,offset=5,lag=0',
  'slave1:ip=10.0.0.2,port=6379,state=wait_bgsave,offset=0,lag=0',
].join('\r\n');

const GOOD: ServerFacts = readFacts(INFO, 'always');

test('INFO is read; only replicas in step count', () => {
  expect(GOOD).toEqual({
    runId: 'abc',
    version: '7.0.15',
    role: 'master',
    loading: false,
    policy: 'noeviction',
    appendOnly: true,
    appendFsync: 'always',
    replicas: 1,
  });
});

test('a server that must not be used is refused with its reason', () => {
  expect(refusal(GOOD)).toBeNull();
  expect(refusal({ ...GOOD, version: '6.2.14' })).toMatchObject({ code: 'version' });
  expect(refusal({ ...GOOD, version: '10.1.0' })).toBeNull();
  expect(refusal({ ...GOOD, role: 'slave' })).toMatchObject({ code: 'read_only' });
  expect(refusal({ ...GOOD, policy: 'allkeys-lru' })).toMatchObject({ code: 'eviction' });
  expect(refusal({ ...GOOD, loading: true })).toMatchObject({ code: 'loading' });
});

test('limits are exact with replicas that confirm, or one synced server, and else bounded', () => {
  expect(exactness(GOOD, 1).limits).toBe('exact');
  expect(exactness({ ...GOOD, appendFsync: 'no' }, 2).limits).toBe('exact');
  expect(exactness(GOOD, 0)).toMatchObject({
    limits: 'bounded',
    limitsReason: expect.stringContaining('REDIS_WAIT_REPLICAS') as string,
  });
  const alone = { ...GOOD, replicas: 0 };
  expect(exactness(alone, 0).limits).toBe('exact');
  expect(exactness({ ...alone, appendFsync: 'everysec' }, 0).limits).toBe('bounded');
  expect(exactness({ ...alone, appendFsync: null }, 0).limitsReason).toContain('unknown');
  expect(exactness({ ...alone, appendOnly: false }, 0).limits).toBe('bounded');
});

test('grants are held while fewer replicas are in step than must have them', () => {
  expect(grantsHeld(GOOD, GOOD.replicas)).toBe('');
  expect(grantsHeld({ ...GOOD, replicas: 0 }, 0)).toBe('');
  expect(grantsHeld({ ...GOOD, replicas: 0 }, 1)).toContain('of 1 replicas that must have a grant none is in step');
});
