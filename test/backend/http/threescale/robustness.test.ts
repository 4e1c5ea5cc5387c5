import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { parseXml } from '../../../conformance/xml.ts';
import { createShopApi } from '../../harness/shop-api.ts';
import type { ShopApi } from '../../harness/shop-api.ts';

let api: ShopApi;

beforeAll(async () => {
  api = await createShopApi();
});

const name = fc.constantFrom(
  'provider_key',
  'service_id',
  'service_token',
  'app_id',
  'app_key',
  'user_key',
  'user_id',
  'referrer',
  'redirect_url',
  'usage',
  'usage[hits]',
  'usage[search]',
  'usage[deep]',
  'usage[]',
  'usage[hits][]',
  '[usage][hits]',
  'log[code]',
  'log',
  'no_body',
  'transactions',
  'transactions[0]',
  'transactions[0][app_id]',
  'transactions[0][usage][hits]',
  'transactions[0][timestamp]',
  'transactions[0][log][code]',
  'transactions[1][user_key]',
  'transactions[1][usage]',
  'x',
);
const value = fc.oneof(
  fc.constantFrom(
    'pk',
    'shop',
    'app',
    'free',
    'key',
    'user',
    '1',
    '0',
    '#3',
    '-1',
    '99999999999999999999',
    '',
    '%',
    '%ff',
    '200',
  ),
  fc.string({ unit: 'grapheme' }).map(encodeURIComponent),
);
const query = fc
  .array(fc.tuple(name, fc.option(value)))
  .map((pairs) =>
    ['provider_key=pk', ...pairs.map(([key, text]) => (text === null ? key : `${key}=${text}`))].join('&'),
  );
const options = fc
  .array(
    fc.constantFrom(
      'no_body=1',
      'limit_headers=1',
      'rejection_reason_header=1',
      'hierarchy=1',
      'flat_usage=1',
      'list_app_keys=1',
      'keep_good=1',
      '%',
      'a[b]=1',
    ),
  )
  .map((list) => list.join('&'));

/** 400 or a document that can be parsed, never a 500. */
async function wellFormed(answer: Promise<{ readonly statusCode: number; readonly body: string }>): Promise<void> {
  const { statusCode, body } = await answer;
  expect([200, 202, 400, 403, 404, 409, 422]).toContain(statusCode);
  if (body !== '') parseXml(body);
}

it.each(['authorize', 'authrep', 'oauth_authorize', 'oauth_authrep'])('answers any %s', async (endpoint) => {
  await fc.assert(
    fc.asyncProperty(query, options, async (sent, header) => {
      await wellFormed(api.get(`/transactions/${endpoint}.xml?${sent}`, { '3scale-options': header }));
    }),
    { numRuns: 300 },
  );
});

it('answers any report', async () => {
  const type = fc.constantFrom(
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=b',
    'multipart/form-data',
    'text/plain',
  );
  await fc.assert(
    fc.asyncProperty(query, options, type, async (body, header, contentType) => {
      await wellFormed(api.report(body, { '3scale-options': header, 'content-type': contentType }));
    }),
    { numRuns: 500 },
  );
});

it('answers ids and keys of any length and content', async () => {
  const id = fc.string({ unit: 'binary', maxLength: 3_000 }).map(encodeURIComponentSafely);
  await fc.assert(
    fc.asyncProperty(id, id, async (application, service) => {
      await wellFormed(api.get(`/transactions/authorize.xml?provider_key=pk&app_id=${application}`));
      await wellFormed(api.get(`/transactions/authorize.xml?provider_key=pk&service_id=${service}&app_id=app`));
      await wellFormed(api.get(`/transactions/authorize.xml?service_token=${application}&service_id=${service}`));
    }),
    { numRuns: 100 },
  );
});

/** Without lone surrogates, which no URL can carry. */
function encodeURIComponentSafely(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}
