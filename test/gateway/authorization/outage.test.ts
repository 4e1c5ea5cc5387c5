import { expect, test } from 'vitest';
import type { Authorization } from '../../../gateway/authorization/authorization.ts';
import type { BackendDown } from '../../../gateway/config/service.ts';
import { systemClock } from '../../../shared/clock.ts';
import { TestClock } from '../../harness/clock.ts';
import { until } from '../../harness/latch.ts';
import { decide, startedAuthorization } from '../support/authorization.ts';
import { ContractBackend, type Fault } from '../support/backend.ts';
import { callOf, testService, testUsage } from '../support/service.ts';

const hits = testUsage({ hits: 1 });
const OUTAGE = { allowed: false, reason: 'outage' };
const REFUSED = { allowed: false, reason: 'credentials' };

interface Stage {
  readonly backend: ContractBackend;
  readonly clock: TestClock;
  readonly authorization: Authorization;
  readonly ask: (key: string) => ReturnType<typeof decide>;
}

/** `known` is a caller that the backend knows and this gateway has seen, `denied` one that it has refused. */
async function stage(backendDown: BackendDown, mode: 'batched' | 'per-request' = 'batched'): Promise<Stage> {
  const backend = await ContractBackend.start();
  backend.keys.set('known', []);
  backend.keys.set('unseen', []);
  const clock = new TestClock(systemClock.now());
  const authorization = await startedAuthorization(backend, { mode }, clock);
  const service = testService({ backendDown, staleSeconds: 60 });
  const ask = (key: string): ReturnType<typeof decide> => decide(authorization, callOf(service, key, hits));
  expect(await ask('known')).toMatchObject({ allowed: true });
  expect(await ask('denied')).toMatchObject(REFUSED);
  return { backend, clock, authorization, ask };
}

test('strict: callers that are known pass until AUTHS_TTL is over, everybody else is answered with an outage', async () => {
  const { backend, clock, ask } = await stage('strict');
  await backend.stop();
  expect(await ask('unseen')).toMatchObject(OUTAGE);
  expect(await ask('known')).toMatchObject({ allowed: true });
  await clock.advance(10_000);
  const decision = await ask('known');
  expect(decision).toMatchObject(OUTAGE);
  expect(decision).toHaveProperty('retryAfter', expect.any(Number));
  expect(await ask('denied')).toMatchObject(OUTAGE);
});

test.each(['batched', 'per-request'] as const)(
  'resilient: the last decision holds until STALE_SECONDS are over: %s',
  async (mode) => {
    const { backend, clock, ask } = await stage('resilient', mode);
    await backend.stop();
    await clock.advance(11_000);
    expect(await ask('known')).toMatchObject({ allowed: true });
    expect(await ask('denied')).toMatchObject(REFUSED);
    expect(await ask('unseen')).toMatchObject(OUTAGE);
    await clock.advance(50_000);
    expect(await ask('known')).toMatchObject(OUTAGE);
    expect(await ask('denied')).toMatchObject(OUTAGE);
  },
);

test.each(['batched', 'per-request'] as const)(
  'allow: everybody passes but those who were refused, and all of it is reported later: %s',
  async (mode) => {
    const { backend, clock, ask, authorization } = await stage('allow', mode);
    await backend.stop();
    await clock.advance(1000);
    expect(await ask('known')).toMatchObject({ allowed: true });
    expect(await ask('denied')).toMatchObject(REFUSED);
    expect(await ask('unseen')).toMatchObject({ allowed: true });
    expect(await ask('unseen')).toMatchObject({ allowed: true });
    expect(await ask('made-up')).toMatchObject({ allowed: true });
    await backend.restart();
    await until(async () => {
      await clock.advance(1000);
      return authorization.reporting.backlog.undelivered === 0 && backend.units('unseen', 'hits') === 2;
    }, 'the usage is reported');
    expect(backend.units('known', 'hits')).toBe(2);
    // Nobody vouched for them: each has a report of its own, so that a wrong one spoils no other.
    const reports = backend.requests.filter(({ url }) => url.startsWith('/transactions.xml'));
    const apart = reports.filter(({ body }) => body.includes('made-up') || body.includes('unseen'));
    expect(apart.every(({ body }) => !body.includes('transactions%5B1%5D'))).toBe(true);
    expect(await ask('made-up')).toMatchObject(REFUSED);
    expect(await ask('unseen')).toMatchObject({ allowed: true });
  },
);

const DOCUMENT = '<?xml version="1.0" encoding="UTF-8"?><status><authorized>true</authorized></status>';
test.each<[string, Fault]>([
  ['a 500', { kind: 'status', status: 500 }],
  ['a 503', { kind: 'status', status: 503 }],
  ['a 429', { kind: 'status', status: 429 }],
  ['a page of a proxy', { kind: 'garbage', body: '<html>authorized</html>' }],
  ['an empty 200', { kind: 'garbage', body: '' }],
  ['a truncated document', { kind: 'garbage', body: DOCUMENT.slice(0, -8) }],
  ['a document with more behind it', { kind: 'garbage', body: `${DOCUMENT}${DOCUMENT}` }],
  ['10 MB', { kind: 'garbage', body: `${DOCUMENT}${' '.repeat(10_000_000)}` }],
  ['a 200 that says no', { kind: 'garbage', body: DOCUMENT.replace('true', 'false') }],
  [
    'a complaint about our token',
    { kind: 'status', status: 403, body: '<error code="service_token_invalid">no</error>' },
  ],
  ['a 403 of a proxy', { kind: 'status', status: 403, body: 'forbidden' }],
  ['a broken connection', { kind: 'reset' }],
])('%s is an outage, neither an authorization nor a refusal', async (_name, fault) => {
  const { backend, ask } = await stage('strict');
  backend.fault = (call) => (call === 'authorize' ? fault : null);
  expect(await ask('unseen')).toMatchObject(OUTAGE);
  backend.fault = () => null;
  expect(await ask('unseen')).toMatchObject({ allowed: true });
});

test('a backend that never answers is given up after its time-out, and after three of them without waiting', async () => {
  const backend = await ContractBackend.start();
  const authorization = await startedAuthorization(backend, { backendTimeoutMs: 200 });
  const service = testService();
  backend.fault = () => ({ kind: 'hang' });
  const waits: number[] = [];
  for (let index = 0; index < 6; index++) {
    const before = systemClock.monotonic();
    expect(await decide(authorization, callOf(service, `key-${index}`, hits))).toMatchObject(OUTAGE);
    waits.push(systemClock.monotonic() - before);
  }
  expect(waits.slice(0, 3).every((wait) => wait >= 190 && wait < 1500)).toBe(true);
  expect(waits.slice(3).filter((wait) => wait > 100).length).toBeLessThanOrEqual(1);
  backend.fault = () => null;
  backend.keys.set('known', []);
  await until(
    async () => (await decide(authorization, callOf(service, 'known', hits))).allowed,
    'a probe finds that it is back',
  );
});

test('a hot caller never waits: it is asked about in the background before its time is over', async () => {
  const { backend, clock, authorization } = await stage('strict');
  const service = testService();
  const asked = backend.calls('authorize');
  backend.fault = (call) => (call === 'authorize' ? { kind: 'hang' } : null);
  for (let step = 0; step < 9; step++) {
    await clock.advance(1000);
    const call = callOf(service, 'known', hits);
    expect(authorization.authorizer.authorize(call, () => undefined)).toMatchObject({ allowed: true });
    authorization.authorizer.commit();
    await until(() => step < 8 || backend.calls('authorize') > asked, 'it is asked about');
  }
});
