import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConfiguredDirectory } from '../../../../backend/analytics/configured-directory.ts';
import { Analytics } from '../../../../backend/analytics/queries.ts';
import { applyParts, partsOf, placeInOrder } from '../../../../backend/batches/parts.ts';
import { createServer } from '../../../../backend/http/server.ts';
import { statsRoutes } from '../../../../backend/http/stats/routes.ts';
import { Metrics } from '../../../../backend/metrics/metrics.ts';
import { createMemoryStore } from '../../../../backend/store/memory/store.ts';
import { createLogger } from '../../../../shared/log.ts';
import { TestClock } from '../../../harness/clock.ts';
import { openShop } from '../../shop.ts';

/** A Friday. */
const NOW = Date.parse('2024-11-15T10:20:30Z');
const BIG = 2n ** 62n;

const clock = new TestClock(NOW);
const store = createMemoryStore({ clock });
const log = createLogger('test', 'silent');
const servers: FastifyInstance[] = [];
let open: FastifyInstance;
let sequence = 0;

async function serve(adminToken: string | null): Promise<FastifyInstance> {
  const configuration = await openShop(store, clock, ['a', 'b', 'c', '=1+1']);
  await configuration.services.save('test', 'twin', { providerKey: 'pk2' });
  await configuration.applications.save('test', { service: 'twin', application: 'b' }, { state: 'active' });
  const directory = new ConfiguredDirectory(configuration, store.documents);
  const analytics = new Analytics(store.counters, directory, () => clock.now());
  const server = await createServer({ log, metrics: new Metrics() });
  await server.register(async (context) => statsRoutes(analytics, { adminToken, clock })(context));
  servers.push(server);
  return server;
}

async function count(application: string, at: string, use: bigint, code = '200'): Promise<void> {
  const additions = [{ metric: '1', use, take: use, set: false }];
  const entry = { service: 'shop', application, at: Date.parse(at), additions, codes: [{ code, use: 1n }] };
  const identity = { epoch: 'e'.repeat(32), sequence, floor: sequence, digest: 'd' };
  sequence += 1;
  await applyParts(store.counters, partsOf(identity, placeInOrder([entry], store.counters)));
}

async function ask(path: string, server = open) {
  const { statusCode, body, headers } = await server.inject(path);
  return { status: statusCode, body, headers, json: (): Record<string, unknown> => JSON.parse(body) };
}

beforeAll(async () => {
  open = await serve(null);
  await count('a', '2024-11-15T10:20:00Z', 3n);
  await count('a', '2024-11-15T09:59:00Z', 4n);
  await count('b', '2024-11-15T00:00:00Z', 50n, '404');
  await count('a', '2024-11-14T23:30:00Z', 6n);
  await count('c', '2024-11-13T12:00:00Z', 100n);
  await count('a', '2024-11-08T12:00:00Z', 10n);
  await count('=1+1', '2024-10-31T23:30:00Z', 1n);
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
});

test('usage of an application in the last 24 hours, with what changed', async () => {
  const { status, json } = await ask('/stats/services/shop/applications/a/usage.json?metric_name=hits&period=day');
  const answer = json();
  expect(status).toBe(200);
  expect(answer).toMatchObject({
    metric: { id: '1', name: 'hits', system_name: 'hits', unit: 'hit' },
    application: { id: 'a', name: 'a', state: 'active', plan: { id: 'p1', name: 'gold' }, service: { id: 'shop' } },
    period: {
      name: 'day',
      since: '2024-11-14T11:00:00Z',
      until: '2024-11-15T10:59:59Z',
      timezone: 'UTC',
      granularity: 'hour',
    },
    total: 13,
    previous_total: 0,
    change: 100,
  });
  expect(answer['values']).toEqual([...Array.from({ length: 12 }, () => 0), 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 3]);
});

test('usage of the whole service', async () => {
  const { json } = await ask('/stats/services/shop/usage.json?metric_name=hits&period=week');
  expect(json()).toMatchObject({ total: 163, values: [0, 0, 0, 0, 100, 6, 57], previous_total: 10, change: 1530 });
});

test('a local day takes its hours from two UTC days', async () => {
  const query = 'metric_name=hits&since=2024-11-15&until=2024-11-15&granularity=day&timezone=Europe/Madrid';
  const { json } = await ask(`/stats/services/shop/usage.json?${query}`);
  expect(json()).toMatchObject({
    period: { name: null, since: '2024-11-15T00:00:00+01:00', until: '2024-11-15T23:59:59+01:00' },
    total: 63,
    values: [63],
    previous_total: 0,
  });
});

test('a local month has the hours that UTC counts in its neighbour', async () => {
  const query = 'metric_name=hits&since=2024-11-01&period=month&granularity=month&timezone=Europe/Madrid';
  const { json } = await ask(`/stats/services/shop/usage.json?${query}`);
  expect(json()).toMatchObject({ total: 174, values: [174] });
});

test('an approximate answer says so', async () => {
  const { json } = await ask('/stats/services/shop/usage.json?metric_name=hits&period=day&timezone=Asia/Kolkata');
  expect(json()).toMatchObject({ period: { approximate: true }, total: 63 });
});

test('answers by response code', async () => {
  const path = '/stats/services/shop/usage_response_code.json?response_code=404&period=day';
  expect((await ask(path)).json()).toMatchObject({ response_code: { code: '404' }, total: 1 });
});

test('the applications with the most usage, greatest first', async () => {
  const { json } = await ask('/stats/services/shop/top_applications.json?metric_name=hits&period=week');
  expect(json()).toMatchObject({
    period: { name: 'week', since: '2024-11-11T00:00:00Z', until: '2024-11-17T23:59:59Z', timezone: 'UTC' },
    applications: [
      { id: 'c', value: 100 },
      { id: 'b', value: 50 },
      { id: 'a', value: 13 },
    ],
  });
});

test('the top of a local day is of that day', async () => {
  const query = 'metric_name=hits&period=day&since=2024-11-15&timezone=Europe/Madrid';
  const { json } = await ask(`/stats/services/shop/top_applications.json?${query}`);
  expect(json()).toMatchObject({
    applications: [
      { id: 'b', value: 50 },
      { id: 'a', value: 13 },
    ],
  });
});

test('integers beyond 2^53 are exact', async () => {
  await count('b', '2024-11-12T12:00:00Z', BIG + 1n);
  const query = 'metric_name=hits&since=2024-11-12&until=2024-11-12&granularity=day';
  const { body } = await ask(`/stats/services/shop/applications/b/usage.json?${query}`);
  expect(body).toContain(`"total":${BIG + 1n},"values":[${BIG + 1n}]`);
});

test('CSV has one line for each value, and nothing that a spreadsheet would run', async () => {
  const usage = await ask('/stats/services/shop/usage.csv?metric_name=hits&period=week');
  expect(usage.headers['content-type']).toBe('text/csv; charset=utf-8');
  expect(usage.body.split('\r\n').slice(0, 2)).toEqual([
    'Metric System Name,Metric Name,Date,Value',
    'hits,hits,2024-11-09T00:00:00Z,0',
  ]);
  const top = await ask('/stats/services/shop/top_applications.csv?metric_name=hits&period=month&since=2024-10-31');
  expect(top.body).toContain("'=1+1,'=1+1,gold,p1,1\r\n");
});

test('an application is found by its id alone, unless two services have one', async () => {
  const one = await ask('/stats/applications/a/usage.json?metric_name=hits&period=day');
  expect(one.json()).toMatchObject({ total: 13, application: { service: { id: 'shop' } } });
  const two = await ask('/stats/applications/b/usage.json?metric_name=hits&period=day');
  expect(two.status).toBe(409);
  expect(two.json()).toMatchObject({ error: { code: 'ambiguous_application' } });
  const named = await ask('/stats/applications/b/usage.json?metric_name=hits&period=day&service_id=shop');
  expect(named.json()).toMatchObject({ total: 50 });
});

test.each([
  ['/stats/services/nope/usage.json?metric_name=hits&period=day', 404, 'service_not_found'],
  ['/stats/services/shop/applications/nope/usage.json?metric_name=hits&period=day', 404, 'application_not_found'],
  ['/stats/applications/nope/usage.json?metric_name=hits&period=day', 404, 'application_not_found'],
  ['/stats/services/shop/usage.json?metric_name=hitz&period=day', 404, 'metric_not_found'],
  ['/stats/services/shop/usage.json?period=day', 400, 'invalid_parameter'],
  ['/stats/services/shop/usage.json?metric_name=hits', 400, 'invalid_parameter'],
  ['/stats/services/shop/usage.json?metric_name=hits&metric_name=x&period=day', 400, 'invalid_parameter'],
  ['/stats/services/shop/usage.json?metric_name=hits&period=day&granularity=minute', 400, 'invalid_parameter'],
  [
    '/stats/services/shop/usage.json?metric_name=hits&period=month&since=2024-01-01&granularity=hour',
    400,
    'invalid_parameter',
  ],
  ['/stats/services/shop/usage_response_code.json?response_code=999&period=day', 400, 'invalid_parameter'],
  ['/stats/services/shop/top_applications.json?metric_name=hits', 400, 'invalid_parameter'],
  ['/stats/services/shop/top_applications.json?metric_name=hits&period=hour', 400, 'invalid_parameter'],
])('%s is %i %s', async (path, status, code) => {
  const answer = await ask(path);
  expect(answer.status).toBe(status);
  expect(answer.json()).toMatchObject({ error: { code, message: expect.stringMatching(/.+/) } });
});

test('with an admin token only requests that show it are answered', async () => {
  const server = await serve('s3cret');
  const path = '/stats/services/shop/usage.json?metric_name=hits&period=day';
  const without = await ask(path, server);
  expect([without.status, without.headers['www-authenticate']]).toEqual([401, 'Bearer realm="tallygate"']);
  expect((await ask(`${path}&access_token=s3cret`, server)).status).toBe(200);
  expect((await ask(`${path}&access_token=s3cre`, server)).status).toBe(401);
  const { statusCode } = await server.inject({ url: path, headers: { authorization: 'Bearer s3cret' } });
  expect(statusCode).toBe(200);
});

test('an address that guesses is turned away for a minute', async () => {
  const server = await serve('s3cret');
  const path = '/stats/services/shop/usage.json?metric_name=hits&period=day&access_token=';
  for (let i = 0; i < 10; i++) expect((await ask(`${path}${i}`, server)).status).toBe(401);
  expect((await ask(`${path}s3cret`, server)).status).toBe(429);
  clock.advanceSync(60_000);
  expect((await ask(`${path}s3cret`, server)).status).toBe(200);
});
