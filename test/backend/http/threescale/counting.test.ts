import { beforeEach, expect, it } from 'vitest';
import { createShopApi } from '../../harness/shop-api.ts';
import type { ShopApi } from '../../harness/shop-api.ts';

const CALLER = 'provider_key=pk&app_id=app&app_key=key';

let api: ShopApi;

beforeEach(async () => {
  api = await createShopApi();
});

/** `current/max` of each usage report, by `metric/period`. */
function reports(body: string): Readonly<Record<string, string>> {
  const pattern = /metric="(\w+)" period="(\w+)"[^>]*>.*?<max_value>(-?\d+)<.*?<current_value>(-?\d+)</g;
  return Object.fromEntries(
    [...body.matchAll(pattern)].map(([, metric, period, max, current]) => [`${metric}/${period}`, `${current}/${max}`]),
  );
}

async function stored(): Promise<Readonly<Record<string, string>>> {
  return reports((await api.get(`/transactions/authorize.xml?${CALLER}`)).body);
}

async function authrep(usage: string, header = ''): Promise<number> {
  return (await api.get(`/transactions/authrep.xml?${CALLER}&${usage}`, { '3scale-options': header })).statusCode;
}

it('admits exactly as many concurrent calls as the limit allows', async () => {
  const statuses = await Promise.all(Array.from({ length: 50 }, () => authrep('usage[hits]=1')));
  expect(statuses.filter((status) => status === 200)).toHaveLength(10);
  expect(await stored()).toMatchObject({ 'hits/day': '10/10' });
});

it('counts a call for the metric and all of its ancestors, and authorize for none', async () => {
  const { body } = await api.get(`/transactions/authrep.xml?${CALLER}&usage[deep]=2`);
  expect(reports(body)).toEqual({ 'hits/day': '2/10', 'search/hour': '2/5' });
  await api.get(`/transactions/authorize.xml?${CALLER}&usage[deep]=2`);
  expect(await stored()).toEqual({ 'hits/day': '2/10', 'search/hour': '2/5' });
});

it('looks only at the limits that the usage touches', async () => {
  await api.report('provider_key=pk&transactions[0][app_id]=app&transactions[0][usage][search]=6');
  expect(await authrep('usage[hits]=1')).toBe(200);
  expect(await authrep('usage[search]=1')).toBe(409);
  expect(await authrep('')).toBe(409);
});

it('does not propagate flat usage, and shows it as if it did', async () => {
  const { body } = await api.get(`/transactions/authrep.xml?${CALLER}&usage[search]=3`, {
    '3scale-options': 'flat_usage=1',
  });
  expect(reports(body)).toEqual({ 'hits/day': '3/10', 'search/hour': '3/5' });
  expect(await stored()).toEqual({ 'hits/day': '0/10', 'search/hour': '3/5' });
});

it('sets counters, also below what was used, but not above a limit', async () => {
  await authrep('usage[hits]=5');
  expect(await authrep('usage[search]=%232')).toBe(200);
  expect(await stored()).toEqual({ 'hits/day': '2/10', 'search/hour': '2/5' });
  expect(await authrep('usage[hits]=%2311')).toBe(409);
});

it('counts whole 64-bit numbers, and refuses to count beyond them', async () => {
  const big = '9223372036854775807';
  const shown = await api.get(`/transactions/authrep.xml?provider_key=pk&app_id=free&usage[bytes]=${big}`);
  expect(shown.statusCode).toBe(200);
  const service = await api.server.inject({
    method: 'POST',
    url: '/__test/counter?key=stats/{service:shop}/cinstance:free/metric:m4/eternity',
  });
  expect(service.json()).toEqual({ value: big });
  const more = await api.get('/transactions/authrep.xml?provider_key=pk&app_id=free&usage[bytes]=1');
  expect([more.statusCode, more.body]).toEqual([403, expect.stringContaining('usage_value_invalid')]);
});

it.each([
  ['hits', 409],
  ['bytes', 403],
])('denies an amount of %s that no counter can hold', async (metric, status) => {
  expect(await authrep(`usage[${metric}]=99999999999999999999`)).toBe(status);
});

it('gives the tightest limit in the headers', async () => {
  const options = { '3scale-options': 'limit_headers=1&rejection_reason_header=1&no_body=1' };
  const admitted = await api.get(`/transactions/authrep.xml?${CALLER}&usage[search]=2`, options);
  expect(admitted.headers).toMatchObject({
    '3scale-limit-remaining': '1',
    '3scale-limit-reset': '2370',
    '3scale-limit-max-value': '5',
  });
  const denied = await api.get(`/transactions/authrep.xml?${CALLER}&usage[search]=4`, options);
  expect(denied.headers).toMatchObject({ '3scale-limit-remaining': '0', '3scale-rejection-reason': 'limits_exceeded' });
  const other = await api.get(`/transactions/authrep.xml?${CALLER}&usage[bytes]=4`, options);
  expect(other.headers).toMatchObject({ '3scale-limit-remaining': '-1', '3scale-limit-reset': '-1' });
  expect(other.headers['3scale-limit-max-value']).toBeUndefined();
});

it('drops a whole report for one bad transaction, with one stored error', async () => {
  await api.report(
    'provider_key=pk&transactions[0][app_id]=app&transactions[0][usage][hits]=1' +
      '&transactions[1][app_id]=app&transactions[1][usage][nope]=1&transactions[2][app_id]=gone&transactions[2][usage][hits]=1',
  );
  expect(await stored()).toMatchObject({ 'hits/day': '0/10' });
  const errors = await api.get('/internal/services/shop/errors/');
  expect(errors.json()).toMatchObject({ count: 1, errors: [{ code: 'application_not_found', context_info: {} }] });
});

it.each(['keep_good=1', '3scale-options'])('keeps the good transactions of a report by %s', async (how) => {
  const body =
    'provider_key=pk&transactions[0][app_id]=app&transactions[0][usage][hits]=1' +
    '&transactions[1][app_id]=app&transactions[1][usage][nope]=1&transactions[2][user_key]=user&transactions[2][usage][hits]=2';
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  if (how === '3scale-options') await api.report(body, { ...type, '3scale-options': 'keep_good=1' });
  else await api.report(`${body}&${how}`, type);
  expect(await stored()).toMatchObject({ 'hits/day': '3/10' });
  expect((await api.get('/internal/services/shop/errors/')).json()).toMatchObject({ count: 1 });
});

it('keeps no request beside an error: it would hold keys', async () => {
  await api.get('/transactions/authorize.xml?provider_key=pk&app_id=nope&app_key=a-secret');
  const { body } = await api.get('/internal/services/shop/errors/');
  expect(body).toContain('application_not_found');
  expect(body).not.toContain('a-secret');
  expect(body).not.toContain('provider_key');
});
