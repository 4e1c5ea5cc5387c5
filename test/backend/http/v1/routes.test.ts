import { Compile } from 'typebox/compile';
import { beforeAll, describe, expect, test } from 'vitest';
import { DirectJobs } from '../../../../backend/jobs/direct-jobs.ts';
import { AppliedBatches } from '../../../../backend/batches/gateway-batches.ts';
import { StoredErrors } from '../../../../backend/events/stored-errors.ts';
import { createServer } from '../../../../backend/http/server.ts';
import { gatewayRoutes } from '../../../../backend/http/v1/routes.ts';
import { ConfiguredGateways } from '../../../../backend/leases/configured.ts';
import { LeaseService } from '../../../../backend/leases/leases.ts';
import { Metrics } from '../../../../backend/metrics/metrics.ts';
import { createMemoryStore } from '../../../../backend/store/memory/store.ts';
import type { MemoryStore } from '../../../../backend/store/memory/store.ts';
import type { Configuration } from '../../../../backend/configuration/configuration.ts';
import { createLogger } from '../../../../shared/log.ts';
import { ROUTES } from '../../../../shared/wire/routes.ts';
import type { AuthorizeAnswer } from '../../../../shared/wire/authorize.ts';
import type { BatchAnswer } from '../../../../shared/wire/batches.ts';
import type { HeartbeatAnswer } from '../../../../shared/wire/heartbeat.ts';
import type { LeaseMessage, LeasesAnswer } from '../../../../shared/wire/leases.ts';
import { MONDAY, TestClock } from '../../../harness/clock.ts';
import { track } from '../../../harness/resources.ts';
import { openShop } from '../../shop.ts';

const EPOCH = '00000000000000000000000000000001';
const OTHER = '00000000000000000000000000000002';
const KEY = { service: 'shop', tokenKind: 'provider_key', token: 'pk' };

let store: MemoryStore;
let clock: TestClock;
let configuration: Configuration;
let post: (path: string, body: unknown) => Promise<{ status: number; body: unknown; retryAfter: unknown }>;
let get: (path: string) => Promise<{ status: number; body: unknown }>;

beforeAll(async () => {
  clock = new TestClock(MONDAY + 10_000);
  store = createMemoryStore({ clock });
  configuration = await openShop(store, clock, ['a', 'b']);
  await configuration.services.save('test', 'shop', { providerKey: 'pk', backendVersion: '1' });
  await configuration.usageLimits.save('test', { service: 'shop', plan: 'p1', metric: '1', period: 'minute' }, 10n);
  const log = createLogger('test', 'silent');
  const metrics = new Metrics();
  const { lookup } = configuration;
  const errors = new StoredErrors(store.logs, clock);
  const jobs = new DirectJobs({ counters: store.counters, errors, events: null, clock, log, metrics });
  const gateways = new ConfiguredGateways(configuration);
  const leases = new LeaseService({ store, clock, configuration: gateways });
  const batches = new AppliedBatches({
    counters: store.counters,
    lookup,
    errors,
    activity: jobs.activity,
    clock,
    metrics,
  });
  const server = await createServer({ log, metrics });
  const routes = gatewayRoutes({ store, clock, configuration: gateways, leases, batches });
  await server.register(async (context) => routes(context));
  track({ stop: async () => server.close(), abandon: () => undefined });
  post = async (path, body) => {
    const answer = await server.inject({
      method: 'POST',
      url: path,
      payload: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
    return { status: answer.statusCode, body: JSON.parse(answer.body), retryAfter: answer.headers['retry-after'] };
  };
  get = async (path) => {
    const answer = await server.inject({ method: 'GET', url: path });
    return { status: answer.statusCode, body: JSON.parse(answer.body) };
  };
});

function message(change: Partial<LeaseMessage>): LeaseMessage {
  const levels = { used: 0, held: 0, want: 4, need: 1 };
  const where = { service: 'shop', application: 'a', metric: 'hits' };
  return { number: 1, rev: 1, ...where, ...levels, next: false, final: false, at: null, period: null, ...change };
}

async function lease(epoch: string, ...changes: Partial<LeaseMessage>[]): Promise<LeasesAnswer> {
  const answer = await post('/v1/leases', { epoch, services: [KEY], messages: changes.map(message) });
  expect(answer.status).toBe(200);
  const { body } = answer;
  if (!Compile(ROUTES.leases.answer).Check(body)) throw new Error('not a leases answer');
  return body;
}

describe('the protocol is found and guarded', () => {
  test('GET /v1 names product, version, store and lease time without a token', async () => {
    const { status, body } = await get('/v1');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      product: 'tallygate',
      versions: [1],
      leaseTime: 1000,
      limits: 'exact',
      store: store.identity(),
    });
  });

  test('a request without a valid token is 401', async () => {
    const wrong = { ...KEY, token: 'wrong' };
    for (const path of ['/v1/leases', '/v1/heartbeat']) {
      const body = { epoch: EPOCH, services: [wrong], messages: [message({})], store: null, version: null };
      expect((await post(path, body)).status).toBe(401);
    }
  });

  test('a message of a service that is not proven is refused alone', async () => {
    const { replies } = await lease(EPOCH, { number: 90, service: 'other' }, { number: 91, application: 'b', want: 1 });
    expect(replies.map(({ code }) => code)).toEqual(['unauthenticated', 'ok']);
  });

  test('what the schema does not allow is 400, and says where', async () => {
    const { status, body } = await post('/v1/leases', {
      epoch: EPOCH,
      services: [KEY],
      messages: [message({ want: -1 })],
    });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain('/messages/0/want');
  });

  test('a body beyond the bound is 413', async () => {
    const { status } = await post('/v1/heartbeat', { epoch: EPOCH, filler: 'x'.repeat(1_100_000) });
    expect(status).toBe(413);
  });
});

describe('callers', () => {
  async function authorize(userKey: string, metrics: readonly string[]): Promise<AuthorizeAnswer> {
    const one = { service: 'shop', credentials: { kind: 'user_key', userKey }, referrer: null, metrics };
    const { body } = await post('/v1/authorize', { services: [KEY], messages: [one] });
    if (!Compile(ROUTES.authorize.answer).Check(body)) throw new Error('not an authorize answer');
    return body;
  }

  test('a known key gets its application and the terms of each metric', async () => {
    const { replies } = await authorize('key-of-a', ['search', 'nothing']);
    expect(replies[0]).toMatchObject({ code: 'ok', denied: null, application: 'a', byReferrer: false });
    expect(replies[0]?.metrics).toEqual([
      {
        metric: 'search',
        known: true,
        chain: ['search', 'hits'],
        limits: [{ metric: 'hits', period: 'minute', max: 10 }],
        period: 'minute',
        disabled: false,
      },
      { metric: 'nothing', known: false, chain: [], limits: [], period: null, disabled: false },
    ]);
  });

  test('an unknown key is denied', async () => {
    const { replies } = await authorize('nobody', ['hits']);
    expect(replies[0]).toMatchObject({ code: 'ok', denied: 'user_key_invalid', application: null });
  });

  test('the version of an answer is at least that of the last change', async () => {
    await configuration.applications.save('test', { service: 'shop', application: 'b' }, { state: 'suspended' });
    const { replies } = await authorize('key-of-b', ['hits']);
    expect(replies[0]).toMatchObject({ denied: 'application_not_active', version: await store.documents.version() });
  });
});

describe('leases', () => {
  test('units are granted, shared and refused, and the tightest limit is named', async () => {
    const first = await lease(EPOCH, { want: 8 });
    expect(first.replies[0]).toMatchObject({
      rev: 1,
      start: MONDAY,
      end: MONDAY + 60_000,
      period: 'minute',
      tightest: { metric: 'hits', period: 'minute', max: 10, end: MONDAY + 60_000 },
    });
    const granted = first.replies[0]?.ceiling ?? 0;
    expect(granted).toBeGreaterThanOrEqual(1);
    const second = await lease(OTHER, { number: 7, want: 10, need: 10 });
    expect(second.replies[0]).toMatchObject({ ceiling: 0, room: 10 - granted, retryAt: MONDAY + 60_000 });
  });

  test('a repeat is answered like the first', async () => {
    const [one] = (await lease(EPOCH, { rev: 2, held: 5, want: 6 })).replies;
    const [again] = (await lease(EPOCH, { rev: 2, held: 5, want: 6 })).replies;
    expect(again).toEqual(one);
  });

  test('a heartbeat names what changed since the version it brings', async () => {
    const beat = async (version: number | null): Promise<HeartbeatAnswer> => {
      const { body } = await post('/v1/heartbeat', {
        epoch: EPOCH,
        services: [KEY],
        store: version === null ? null : store.identity(),
        version,
      });
      if (!Compile(ROUTES.heartbeat.answer).Check(body)) throw new Error('not a heartbeat answer');
      return body;
    };
    const first = await beat(null);
    expect(first).toMatchObject({ all: true, changed: [] });
    expect(await beat(first.version)).toMatchObject({ all: false, changed: [] });
    await configuration.applications.save('test', { service: 'shop', application: 'b' }, { state: 'active' });
    const version = first.version + 1;
    expect(await beat(first.version)).toMatchObject({
      all: false,
      version,
      changed: [{ service: 'shop', application: 'b', version }],
    });
  });
});

test('a batch is applied once, and another content under its name is 422', async () => {
  const owners = [{ service: 'shop', kind: 'application', id: 'a' }];
  const batch = (use: number) => ({
    epoch: EPOCH,
    services: [KEY],
    sequence: 1,
    floor: 1,
    owners,
    entries: [{ owner: 0, metric: 'search', minute: MONDAY, use, take: 0 }],
    codes: [],
  });
  const results = [];
  for (let count = 0; count < 2; count += 1) {
    const { body } = await post('/v1/batches', batch(3));
    if (!Compile(ROUTES.batches.answer).Check(body)) throw new Error('not a batch answer');
    const { result }: BatchAnswer = body;
    results.push(result);
  }
  expect(results).toEqual(['applied', 'repeat']);
  expect((await post('/v1/batches', batch(4))).status).toBe(422);
});

test('a store that is away is 503 with Retry-After', async () => {
  store.stop();
  const { status, retryAfter } = await post('/v1/heartbeat', {
    epoch: EPOCH,
    services: [KEY],
    store: null,
    version: null,
  });
  store.start();
  expect(status).toBe(503);
  expect(retryAfter).toBe('1');
});
