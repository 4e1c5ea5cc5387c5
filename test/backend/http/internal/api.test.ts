import { beforeEach, expect, it } from 'vitest';
import { createShopApi } from '../../harness/shop-api.ts';
import type { ShopApi } from '../../harness/shop-api.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';

let api: ShopApi;

beforeEach(async () => {
  api = await createShopApi();
});

async function call(method: Method, path: string, body?: unknown): Promise<readonly [number, unknown]> {
  const payload = body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) };
  const answer = await api.server.inject({ method, url: `/internal${path}`, ...payload });
  return [answer.statusCode, answer.body === '' ? null : answer.json()];
}

it('answers what is not there with 404, in the words of each resource', async () => {
  expect(await call('GET', '/nothing')).toEqual([404, { status: 'not_found', error: 'Not found' }]);
  expect(await call('GET', '/services/nope')).toEqual([404, { error: 'not_found' }]);
  expect(await call('GET', '/services/shop/applications/nope')).toEqual([
    404,
    { status: 'not_found', error: 'application not found' },
  ]);
  expect(await call('GET', '/services/shop/applications/nope/keys/')).toEqual([
    404,
    { status: 'not_found', error: 'application not found' },
  ]);
  expect(await call('DELETE', '/services/shop/metrics/nope')).toEqual([
    404,
    { status: 'not_found', error: 'metric not found' },
  ]);
  expect(await call('GET', '/services/shop/plans/p/usagelimits/m1/day')).toEqual([
    404,
    { status: 'not_found', error: 'usagelimit not found' },
  ]);
  expect(await call('DELETE', '/events/7')).toEqual([404, { status: 'not_found', error: 'event not found' }]);
  expect(await call('GET', '/services/nope/errors/')).toEqual([
    404,
    { status: 'not_found', error: 'service not found' },
  ]);
});

it.each(['{', '[1]', '"x"', 'null', '1'])('answers the body %s with 400', async (body) => {
  expect((await call('PUT', '/services/new', body))[0]).toBe(400);
});

it.each([
  ['PUT', '/services/new', { service: null }, "missing parameter 'service'"],
  ['POST', '/services/', {}, "missing parameter 'service'"],
  ['PUT', '/services/shop/metrics/m', { metric: 'x' }, "missing parameter 'metric'"],
  ['PUT', '/services/shop/applications/a', {}, "missing parameter 'application'"],
  ['PUT', '/services/shop/applications/batch', {}, "missing parameter 'applications'"],
  ['PUT', '/services/shop/plans/p/usagelimits/m1/day', {}, "invalid parameter 'usagelimit'"],
  ['PUT', '/services/shop/plans/p/usagelimits/m1/day', { usagelimit: { hour: 1 } }, "missing parameter 'day'"],
  ['PUT', '/services/shop/applications/a', { application: { plan_id: 'p' } }, 'Application with id="a" has no state'],
  ['POST', '/services/shop/alert_limits/', { alert_limit: { value: 51 } }, 'alert limit is invalid'],
] as const)('answers %s %s %j with 400', async (method, path, body, error) => {
  expect(await call(method, path, body)).toEqual([400, expect.objectContaining({ error })]);
});

it('does not create an application twice, and keeps what a change does not name', async () => {
  const path = '/services/shop/applications/new';
  const application = { state: 'active', plan_id: 'p', plan_name: 'P', redirect_url: null, unknown: 1 };
  expect(await call('POST', path, { application })).toEqual([
    201,
    {
      status: 'created',
      application: { service_id: 'shop', id: 'new', state: 'active', plan_id: 'p', plan_name: 'P', redirect_url: null },
    },
  ]);
  expect((await call('POST', path, { application }))[0]).toBe(405);
  expect(await call('PUT', path, { application: { state: 'suspended' } })).toMatchObject([
    200,
    { status: 'modified', application: { plan_id: null } },
  ]);
  expect(await call('GET', path)).toMatchObject([
    200,
    { application: { state: 'suspended', plan_id: 'p', plan_name: 'P' } },
  ]);
});

it('keeps limits of 64 bits exactly, and takes an unknown period without keeping it', async () => {
  const path = '/services/shop/plans/p/usagelimits/m1';
  await call('PUT', `${path}/day`, '{"usagelimit":{"day":9223372036854775807}}');
  const answer = await api.server.inject({ method: 'GET', url: `/internal${path}/day` });
  expect(answer.body).toContain('"day":9223372036854775807');
  expect(await call('PUT', `${path}/fortnight`, { usagelimit: { fortnight: '3' } })).toMatchObject([
    200,
    { usagelimit: { fortnight: '3' } },
  ]);
  expect((await call('GET', `${path}/fortnight`))[0]).toBe(404);
  await call('PUT', `${path}/hour`, { usagelimit: { hour: 'many' } });
  expect(await call('GET', `${path}/hour`)).toMatchObject([200, { usagelimit: { hour: 0 } }]);
});

it('saves a batch of applications, each by itself', async () => {
  const applications = [
    {
      id: 'b1',
      state: 'active',
      plan_id: 'gold',
      plan_name: 'Gold',
      user_key: 'uk1',
      application_keys: ['k1', 'k2'],
      referrer_filters: ['*.org'],
    },
    { id: 'b2' },
    { state: 'active' },
  ];
  const [status, body] = await call('PUT', '/services/shop/applications/batch', { applications });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    status: 'completed',
    total: 3,
    successful: 1,
    failed: 2,
    failures: [
      { id: 'b2', error: 'Application with id="b2" has no state' },
      { id: null, error: 'Application has no id' },
    ],
  });
  expect(await call('GET', '/services/shop/applications/key/uk1')).toEqual([
    200,
    { status: 'found', application: { id: 'b1' } },
  ]);
  expect(await call('GET', '/services/shop/applications/b1/referrer_filters')).toEqual([
    200,
    { status: 'found', referrer_filters: ['*.org'] },
  ]);
  expect(await call('GET', '/services/shop/applications/b1/keys/')).toMatchObject([
    200,
    { application_keys: [{ value: 'k1' }, { value: 'k2' }] },
  ]);
});

it('takes ids, keys and filters with any characters in the path', async () => {
  const id = encodeURIComponent('a/b?c#d %25 é');
  await call('PUT', `/services/shop/applications/${id}`, { application: { state: 'active' } });
  await call('POST', `/services/shop/applications/${id}/keys/`, { application_key: { value: 'k/1 ü' } });
  expect((await call('DELETE', `/services/shop/applications/${id}/keys/${encodeURIComponent('k/1 ü')}`))[0]).toBe(200);
  await call('POST', `/services/shop/applications/${id}/referrer_filters`, { referrer_filter: 'a+b/*' });
  expect(
    (await call('DELETE', `/services/shop/applications/${id}/referrer_filters/${encodeURIComponent('a+b/*')}`))[0],
  ).toBe(200);
  expect(await call('GET', `/services/shop/applications/${id}/referrer_filters`)).toMatchObject([
    200,
    { referrer_filters: [] },
  ]);
});

it('refuses an id that is too long to be kept', async () => {
  const [status, body] = await call('PUT', `/services/${'x'.repeat(1_000)}`, { service: { provider_key: 'pk' } });
  expect([status, body]).toEqual([400, { error: 'the service id is too long' }]);
});

it('tells when the store is away, without a refusal', async () => {
  api.store.stop();
  const answer = await api.server.inject({ method: 'GET', url: '/internal/services/shop' });
  api.store.start();
  expect([answer.statusCode, answer.json()]).toMatchObject([503, { code: 'store_unavailable' }]);
  expect(answer.headers['retry-after']).toBe('1');
});

it('shows who changed what', async () => {
  await call('PUT', '/services/shop/applications/new', { application: { state: 'active' } });
  const [status, body] = await call('GET', '/audit?count=1');
  expect(status).toBe(200);
  expect(body).toMatchObject({ changes: [{ who: 'anyone', action: 'application.save', after: { state: 'active' } }] });
});

it('deletes the counters of a service on request', async () => {
  await api.report('provider_key=pk&transactions[0][app_id]=app&transactions[0][usage][hits]=3');
  expect(await call('DELETE', '/services/shop/stats')).toEqual([200, { status: 'to_be_deleted' }]);
  const [, body] = await call('GET', '/services/shop/applications/app/utilization/');
  expect(body).toMatchObject({
    utilization: [{ period: 'day', metric_name: 'hits', max_value: 10, current_value: 0 }, {}],
  });
});
