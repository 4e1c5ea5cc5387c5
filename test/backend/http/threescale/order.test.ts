import { beforeAll, expect, it } from 'vitest';
import { createShopApi } from '../../harness/shop-api.ts';
import type { ShopApi } from '../../harness/shop-api.ts';

let api: ShopApi;

beforeAll(async () => {
  api = await createShopApi();
  const { services, applications, serviceTokens, userKeys } = api.configuration;
  await services.save('test', 'other', { providerKey: 'pk-other' });
  await services.save('test', 'keys', { providerKey: 'pk-keys', backendVersion: '1' });
  await services.save('test', 'oauth', { providerKey: 'pk-oauth', backendVersion: 'oauth' });
  await services.save('test', '42', { providerKey: 'pk' });
  await applications.save('test', { service: 'keys', application: 'a' }, { state: 'active' });
  await userKeys.save('test', { service: 'keys', application: 'a' }, 'uk');
  await applications.save('test', { service: 'oauth', application: 'a' }, { state: 'active' });
  await applications.save('test', { service: '42', application: 'a' }, { state: 'active' });
  await serviceTokens.save('test', [{ token: 'tok', service: 'shop' }]);
});

/** Status, and code or reason. */
async function ask(query: string, path = 'authorize'): Promise<readonly [number, string]> {
  const { statusCode, body } = await api.get(`/transactions/${path}.xml?${query}`);
  return [statusCode, /code="([^"]*)"/.exec(body)?.[1] ?? /<reason>(.*)<\/reason>/.exec(body)?.[1] ?? body.slice(0, 5)];
}

it.each([
  ['user_id=1&usage=1', 403, 'provider_key_or_service_token_required'],
  ['service_token=tok', 422, 'service_id_missing'],
  ['service_token=tok&service_id=other', 403, 'service_token_invalid'],
  ['provider_key=nope&user_id=1&usage=1', 400, 'end_users_no_longer_supported'],
  ['provider_key=nope&usage=1', 403, ''],
  ['provider_key=nope', 403, 'provider_key_invalid_or_service_missing'],
  ['provider_key=nope&service_id=nope', 403, 'service_id_invalid'],
  ['provider_key=nope&service_id=shop', 403, 'provider_key_invalid'],
  ['provider_key=pk-other&service_id=shop', 403, 'service_id_invalid'],
  ['provider_key=pk', 404, 'application_not_found'],
  ['provider_key=pk&app_id=app&user_key=user', 403, 'authentication_error'],
  ['provider_key=pk&user_key=user', 404, 'application_not_found'],
  ['provider_key=pk&app_id=nope', 404, 'application_not_found'],
  ['provider_key=pk-keys&app_id=a', 403, 'user_key_invalid'],
  ['provider_key=pk-keys&user_key=nope', 403, 'user_key_invalid'],
  ['provider_key=pk&app_id=app&usage[nope]=1', 409, 'application key is missing'],
  ['provider_key=pk&app_id=app&app_key=key&usage[nope]=1', 404, 'metric_invalid'],
  ['provider_key=pk&app_id=app&no_body=1&usage[nope]=1', 404, ''],
  ['provider_key=pk&app_id=app&app_key=key&usage[hits]=11', 409, 'usage limits are exceeded'],
])('answers %s with %i %s', async (query, status, code) => {
  expect(await ask(query)).toEqual([status, code]);
});

it.each([
  'provider_key=pk&app_id=app&app_key=key',
  'provider_key=%20pk%20&app_id=app%0A&app_key=%20key',
  'provider_key=pk&service_token=wrong&app_id=app&app_key=key',
  'service_token=tok&service_id=shop&app_id=app&app_key=key',
  'provider_key=pk-keys&user_key=uk',
  'provider_key=pk&service_id=anything-42&app_id=a',
  'provider_key=pk&app_id=app&app_key=key&usage',
  'provider_key=pk&app_id=app&app_key=key&[usage][hits]=1',
])('admits %s', async (query) => {
  expect(await ask(query)).toEqual([200, '<?xml']);
});

it('takes parameters from the body of a GET too', async () => {
  const { statusCode } = await api.server.inject({
    method: 'GET',
    url: '/transactions/authorize.xml?provider_key=pk&app_id=app',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'app_key=key',
  });
  expect(statusCode).toBe(200);
});

it.each([
  ['provider_key=pk-oauth', 404, 'application_not_found'],
  ['provider_key=pk&app_id=app', 409, 'oauth is not enabled'],
  ['provider_key=pk-oauth&app_id=a&app_key=', 409, 'application key is missing'],
  ['provider_key=pk-oauth&app_id=a&app_key=x', 409, 'application key "x" is invalid'],
  ['provider_key=pk-oauth&app_id=a&redirect_url=x', 409, 'redirect_url "x" is invalid'],
  ['provider_key=pk-oauth&app_id=a&redirect_uri=x', 409, 'redirect_uri "x" is invalid'],
  ['provider_key=pk-oauth&app_id=a', 200, '<?xml'],
])('answers %s at the OAuth endpoint with %i %s', async (query, status, code) => {
  expect(await ask(query, 'oauth_authorize')).toEqual([status, code]);
});
