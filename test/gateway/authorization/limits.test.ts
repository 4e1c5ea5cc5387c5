import { expect, test } from 'vitest';
import type { Authorization } from '../../../gateway/authorization/authorization.ts';
import type { Decision } from '../../../gateway/authorization/authorizer.ts';
import type { Usage } from '../../../gateway/rules/usage.ts';
import { MONDAY, TestClock } from '../../harness/clock.ts';
import { until } from '../../harness/latch.ts';
import { admit, decide, startedAuthorization } from '../support/authorization.ts';
import { ContractBackend, type FakeLimit } from '../support/backend.ts';
import { callOf, testService, testUsage } from '../support/service.ts';

const hits = testUsage({ hits: 1 });

interface Stage {
  readonly backend: ContractBackend;
  readonly clock: TestClock;
  readonly authorization: Authorization;
  readonly use: (usage?: Usage, status?: number) => Promise<Decision>;
}

async function stage(limits: readonly FakeLimit[], parents: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const backend = await ContractBackend.start();
  backend.keys.set('k', limits);
  for (const [child, parent] of Object.entries(parents)) backend.parents.set(child, parent);
  const clock = new TestClock(MONDAY);
  backend.now = () => clock.now();
  const authorization = await startedAuthorization(backend, {}, clock);
  const service = testService();
  return {
    backend,
    clock,
    authorization,
    use: (usage = hits, status = 200) => decide(authorization, callOf(service, 'k', usage), status),
  };
}

async function admittedOf({ use }: Stage, calls: number, usage: Usage = hits): Promise<number> {
  let admitted = 0;
  for (let index = 0; index < calls; index++) admitted += (await use(usage)).allowed ? 1 : 0;
  return admitted;
}

/** Everything that was used is counted by the backend. */
async function reported({ backend, clock, authorization }: Stage, metric: string, units: number): Promise<void> {
  await until(async () => {
    await clock.advance(100);
    return backend.units('k', metric) === units && authorization.reporting.backlog.undelivered === 0;
  }, `${units} units are reported`);
}

test('of several limits the tightest refuses, and Retry-After is the longest of those exceeded', async () => {
  const test_ = await stage([
    { metric: 'hits', period: 'minute', max: 5 },
    { metric: 'hits', period: 'hour', max: 8 },
  ]);
  expect(await admittedOf(test_, 7)).toBe(5);
  expect(await test_.use()).toMatchObject({ reason: 'limits', retryAfter: 60 });
  await test_.clock.advance(60_000);
  expect(await admittedOf(test_, 7)).toBe(3);
  expect(await test_.use()).toMatchObject({ reason: 'limits', retryAfter: 3540 });
});

test('a window that ends gives its limit anew, without a question in between', async () => {
  const test_ = await stage([{ metric: 'hits', period: 'minute', max: 3 }]);
  await test_.clock.advance(57_000);
  expect(await admittedOf(test_, 5)).toBe(3);
  const asked = test_.backend.calls('authorize');
  await test_.clock.advance(3_000);
  expect(await admittedOf(test_, 5)).toBe(3);
  expect(test_.backend.calls('authorize')).toBe(asked);
});

test('usage of a metric counts against the limits of its ancestors', async () => {
  const test_ = await stage([{ metric: 'hits', period: 'day', max: 10 }], { search: 'hits', image: 'hits' });
  expect(await admittedOf(test_, 4, testUsage({ search: 2 }))).toBe(4);
  expect(await admittedOf(test_, 4, testUsage({ image: 1 }))).toBe(2);
  expect(await test_.use()).toMatchObject({ allowed: false, reason: 'limits' });
  await reported(test_, 'hits', 10);
});

test('a limit of an ancestor that the hierarchy does not show is kept by the headers', async () => {
  // hits → api → search: only hits is limited, and the contract names direct children alone.
  const test_ = await stage([{ metric: 'hits', period: 'day', max: 4 }], { api: 'hits', search: 'api' });
  expect(await admittedOf(test_, 9, testUsage({ search: 1 }))).toBe(4);
});

test('a limit of 0 is disabled, not exceeded, and usage of other metrics passes', async () => {
  const test_ = await stage([{ metric: 'beta', period: 'day', max: 0 }]);
  expect(await test_.use(testUsage({ beta: 1 }))).toMatchObject({ reason: 'disabled', retryAfter: null });
  expect(await test_.use()).toMatchObject({ allowed: true });
});

test('what others used is seen at the next answer, and own usage that is not counted yet is not forgotten', async () => {
  const test_ = await stage([{ metric: 'hits', period: 'day', max: 20 }]);
  expect(await admittedOf(test_, 6)).toBe(6);
  await reported(test_, 'hits', 6);
  // Another gateway uses 8; four more here are not reported when the answer comes.
  test_.backend.count('k', new Map([['hits', 8]]), test_.clock.now());
  await test_.clock.advance(9_000);
  expect(await admittedOf(test_, 4)).toBe(4);
  await test_.clock.advance(1_000);
  expect(await admittedOf(test_, 9)).toBe(2);
});

test('counted and uncounted usage adds up over many answers: exactly the limit is admitted', async () => {
  const test_ = await stage([{ metric: 'hits', period: 'day', max: 200 }]);
  let admitted = 0;
  for (let second = 0; second < 60; second++) {
    admitted += await admittedOf(test_, 7);
    await test_.clock.advance(1_000);
  }
  expect(admitted).toBe(200);
  await reported(test_, 'hits', 200);
});

test('a raised limit and a refused application are known within AUTHS_TTL', async () => {
  const test_ = await stage([{ metric: 'hits', period: 'day', max: 2 }]);
  expect(await admittedOf(test_, 4)).toBe(2);
  await reported(test_, 'hits', 2);
  test_.backend.keys.set('k', [{ metric: 'hits', period: 'day', max: 3 }]);
  await test_.clock.advance(10_000);
  expect(await admittedOf(test_, 4)).toBe(1);
  test_.backend.keys.delete('k');
  await test_.clock.advance(10_000);
  expect(await test_.use()).toMatchObject({ reason: 'credentials' });
});

test('usage that counts on success is given back when the answer is none', async () => {
  const test_ = await stage([{ metric: 'hits', period: 'day', max: 2 }]);
  const usage = { ...testUsage({}), entries: [{ metric: 'hits', amount: 1, onSuccess: true }], onSuccess: true };
  for (let index = 0; index < 5; index++) expect(await test_.use(usage, 500)).toMatchObject({ allowed: true });
  expect(await test_.use(usage)).toMatchObject({ allowed: true });
  expect(await test_.use(usage)).toMatchObject({ allowed: true });
  expect(await test_.use(usage)).toMatchObject({ allowed: false });
  await reported(test_, 'hits', 2);
});

test('a call that is taken back leaves its unit to the next', async () => {
  const test_ = await stage([{ metric: 'hits', period: 'day', max: 1 }]);
  await test_.use(testUsage({}));
  const call = callOf(testService(), 'k', hits);
  expect(await admit(test_.authorization, call)).toMatchObject({ allowed: true });
  test_.authorization.authorizer.takeBack(call);
  expect(await test_.use()).toMatchObject({ allowed: true });
  expect(await test_.use()).toMatchObject({ allowed: false });
});

test('the RateLimit fields tell of the limit that is used up first', async () => {
  const test_ = await stage([
    { metric: 'hits', period: 'minute', max: 100 },
    { metric: 'hits', period: 'day', max: 12 },
  ]);
  await test_.clock.advance(15_000);
  expect(await test_.use()).toEqual({
    allowed: true,
    headers: `RateLimit-Policy: "hits";q=12;w=86400\r\nRateLimit: "hits";r=11;t=86385\r\n`,
  });
});

test('a metric that the backend does not know is refused for itself, not for the caller', async () => {
  const test_ = await stage([]);
  expect(await test_.use()).toMatchObject({ allowed: true });
  test_.backend.fault = (call) =>
    call === 'authorize' ? { kind: 'status', status: 404, body: '<error code="metric_invalid">metric</error>' } : null;
  const odd = testUsage({ odd: 1 });
  expect(await test_.use(odd)).toMatchObject({ reason: 'credentials' });
  test_.backend.fault = () => null;
  expect(await test_.use(odd)).toMatchObject({ reason: 'credentials' });
  expect(await test_.use()).toMatchObject({ allowed: true });
  await test_.clock.advance(10_000);
  expect(await test_.use(odd)).toMatchObject({ allowed: true });
});
