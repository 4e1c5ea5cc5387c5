import { expect, test } from 'vitest';
import { readBackendConfig, readWorkerConfig } from '../../backend/config.ts';
import type { EnvironmentMap } from '../../shared/env.ts';

function problems(read: (env: EnvironmentMap) => unknown, env: EnvironmentMap): string {
  try {
    read(env);
  } catch (error) {
    return String(error);
  }
  return '';
}

test('without settings it listens on 127.0.0.1:3000 with the embedded store', () => {
  expect(readBackendConfig({})).toEqual({
    host: '127.0.0.1',
    port: 3000,
    store: { kind: 'embedded', folder: './data/store' },
    storeSecret: null,
    masterService: null,
    retention: { minute: 3 * 3_600_000, hour: 32 * 86_400_000, day: 731 * 86_400_000 },
    internalApi: null,
    adminToken: null,
    worker: true,
    events: null,
    shutdownMs: 20_000,
    logLevel: 'info',
    testControl: false,
  });
});

test('a host that others can reach needs every credential', () => {
  const text = problems(readBackendConfig, { HOST: '0.0.0.0' });
  expect(text).toContain('INTERNAL_API_USER');
  expect(text).toContain('INTERNAL_API_PASSWORD');
  expect(text).toContain('ADMIN_TOKEN');
  const env = { HOST: '0.0.0.0', INTERNAL_API_USER: 'u', INTERNAL_API_PASSWORD: 'p', ADMIN_TOKEN: 't' };
  expect(readBackendConfig(env).host).toBe('0.0.0.0');
});

test('the test control is refused where others can reach it', () => {
  const env = { INTERNAL_API_USER: 'u', INTERNAL_API_PASSWORD: 'p', ADMIN_TOKEN: 't', TALLYGATE_TEST_CONTROL: '1' };
  expect(problems(readBackendConfig, { ...env, HOST: '0.0.0.0' })).toContain('TALLYGATE_TEST_CONTROL');
  expect(readBackendConfig(env).testControl).toBe(true);
});

test.each([
  'redis://127.0.0.1:6379',
  'rediss://host',
  '/run/redis/s',
  'redis+sentinel://a,b/main',
  'redis+cluster://a,b',
])('%s is the address of a Redis', (url) => {
  expect(readBackendConfig({ REDIS_URL: url, REDIS_WAIT_REPLICAS: '1' }).store).toEqual({
    kind: 'redis',
    url,
    waitReplicas: 1,
  });
});

test('a bad address of a Redis is not shown: it may hold a password', () => {
  const text = problems(readBackendConfig, { REDIS_URL: 'http://:s3cret@host' });
  expect(text).toContain('REDIS_URL');
  expect(text).not.toContain('s3cret');
});

test('replicas to wait for without a Redis are a mistake', () => {
  expect(problems(readBackendConfig, { REDIS_WAIT_REPLICAS: '1' })).toContain('REDIS_WAIT_REPLICAS');
});

test('a user without a password is a mistake', () => {
  expect(problems(readBackendConfig, { INTERNAL_API_USER: 'u' })).toContain('INTERNAL_API_PASSWORD');
});

test("Apisonator's names are read where ours are unset", () => {
  const config = readBackendConfig({
    CONFIG_INTERNAL_API_USER: 'u',
    CONFIG_INTERNAL_API_PASSWORD: 'p',
    CONFIG_EVENTS_HOOK: 'http://porta/events',
    CONFIG_EVENTS_HOOK_SHARED_SECRET: 'x',
  });
  expect(config.internalApi).toEqual({ user: 'u', password: 'p' });
  expect(config.events).toEqual({ url: 'http://porta/events', secret: 'x' });
});

test('a worker needs a Redis, and listens for its operator on 127.0.0.1:3001', () => {
  expect(problems(readWorkerConfig, {})).toContain('REDIS_URL');
  expect(readWorkerConfig({ REDIS_URL: 'redis://h' })).toMatchObject({ adminHost: '127.0.0.1', adminPort: 3001 });
});

test('a secret that protects nothing is refused, and not shown', () => {
  const text = problems(readBackendConfig, { STORE_SECRET: 'hunter2' });
  expect(text).toContain('STORE_SECRET');
  expect(text).not.toContain('hunter2');
});
