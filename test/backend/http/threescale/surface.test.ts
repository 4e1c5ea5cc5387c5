import { beforeAll, expect, it } from 'vitest';
import { createShopApi } from '../../harness/shop-api.ts';
import type { ShopApi } from '../../harness/shop-api.ts';

const XML = 'application/vnd.3scale-v2.0+xml';
const VALID = 'provider_key=pk&app_id=app&app_key=key';

let api: ShopApi;

beforeAll(async () => {
  api = await createShopApi();
});

it.each([
  ['GET', '/nothing'],
  ['POST', '/foo.html'],
  ['GET', '/transactions.xml'],
  ['POST', '/transactions/authorize.xml'],
  ['GET', '/transactions/authorize.xml/'],
  ['GET', '/transactions/authorize'],
  ['GET', '/transactions/errors.xml'],
  ['GET', '/available'],
  ['DELETE', '/transactions.xml'],
] as const)('answers %s %s with an empty 404', async (method, url) => {
  const answer = await api.server.inject({ method, url });
  expect([answer.statusCode, answer.body, answer.headers['content-type']]).toEqual([404, '', XML]);
});

it('answers the monitoring endpoints', async () => {
  expect((await api.get('/check.txt')).body).toBe('ok');
  expect((await api.get('/status')).json()).toEqual({ status: 'ok', version: { backend: '3.4.3' } });
  const head = await api.server.inject({ method: 'HEAD', url: '/available' });
  expect([head.statusCode, head.body]).toEqual([200, '']);
});

it('answers HEAD without a body, with the status of GET', async () => {
  const head = await api.server.inject({ method: 'HEAD', url: `/transactions/authorize.xml?${VALID}` });
  expect([head.statusCode, head.body]).toEqual([200, '']);
});

it('lets every origin in, and answers a preflight on any path', async () => {
  const preflight = await api.server.inject({ method: 'OPTIONS', url: '/anything/at/all' });
  expect(preflight.statusCode).toBe(204);
  expect(preflight.headers['access-control-allow-headers']).toContain('3scale-options');
  const answer = await api.get(`/transactions/authorize.xml?${VALID}`);
  expect(answer.headers).toMatchObject({
    'content-type': XML,
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'ETag, Link, 3scale-rejection-reason',
    'content-security-policy': "default-src 'self'",
    'x-content-type-options': 'nosniff',
  });
  const error = await api.get('/transactions/authorize.xml');
  expect(error.headers['content-security-policy']).toBeUndefined();
});

it.each(['text/plain', 'application/xml+invalid', 'application/json', 'x', ';'])(
  'refuses a report of content type %s',
  async (type) => {
    const answer = await api.report('provider_key=pk', { 'content-type': type });
    expect([answer.statusCode, answer.body]).toEqual([
      400,
      `<?xml version="1.0" encoding="UTF-8"?><error code="content_type_invalid">invalid Content-Type: ${type}</error>`,
    ]);
  },
);

it.each(['application/x-www-form-urlencoded', 'APPLICATION/X-WWW-FORM-URLENCODED; charset=UTF-8', ''])(
  'takes a report of content type %j',
  async (type) => {
    const body = 'provider_key=pk&transactions[0][app_id]=app&transactions[0][usage][bytes]=1';
    expect((await api.report(body, { 'content-type': type })).statusCode).toBe(202);
  },
);

it.each([
  ['', 403, 'provider_key_or_service_token_required'],
  ['provider_key=pk', 400, 'transactions_is_blank'],
  ['provider_key=pk&transactions=', 400, 'transactions_is_blank'],
  ['provider_key=pk&transactions=x', 400, 'transactions_format_invalid'],
  ['provider_key=pk&transactions[][app_id]=app', 400, 'transactions_format_invalid'],
  ['provider_key=pk&transactions[0]=foo', 400, 'transactions_format_invalid'],
  ['provider_key=pk&transactions[0][usage]=5', 400, 'transactions_format_invalid'],
  ['provider_key=pk&transactions[0]', 400, 'transactions_has_nil_transaction'],
  ['provider_key=pk&transactions[0][user_id]=1', 400, 'end_users_no_longer_supported'],
  ['provider_key=nope&transactions[0][app_id]=app', 403, 'provider_key_invalid_or_service_missing'],
  ['provider_key=pk&x=%ff', 422, 'not_valid_data'],
  ['provider_key=pk&x=%f', 400, 'bad_request'],
  ['provider_key=pk&usage=1&usage[hits]=1', 400, 'bad_request'],
])('answers a report of %s with %i %s', async (body, status, code) => {
  const answer = await api.report(body);
  expect([answer.statusCode, /code="([^"]*)"/.exec(answer.body)?.[1]]).toEqual([status, code]);
});

it('answers 503 with a stable code while the store is away, and recovers', async () => {
  api.store.stop([0, 1, 2, 3]);
  const call = await api.get(`/transactions/authrep.xml?${VALID}&usage[hits]=1`);
  const report = await api.report('provider_key=pk&transactions[0][app_id]=app&transactions[0][usage][bytes]=1');
  api.store.start();
  for (const answer of [call, report]) {
    expect([answer.statusCode, /code="([^"]*)"/.exec(answer.body)?.[1]]).toEqual([503, 'store_unavailable']);
    expect(answer.headers['retry-after']).toBe('1');
  }
  expect((await api.get(`/transactions/authrep.xml?${VALID}&usage[bytes]=1`)).statusCode).toBe(200);
});

it('never answers an outage of the configuration as a refusal', async () => {
  api.store.stop();
  const answers = await Promise.all(
    ['provider_key=unseen', 'provider_key=pk&app_id=unseen', 'service_token=unseen&service_id=shop'].map((query) =>
      api.get(`/transactions/authorize.xml?${query}`),
    ),
  );
  api.store.start();
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([503, 503, 503]);
});
