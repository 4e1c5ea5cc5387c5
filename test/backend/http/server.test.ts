import type { FastifyInstance } from 'fastify';
import { afterEach, expect, test } from 'vitest';
import { createServer } from '../../../backend/http/server.ts';
import { Metrics } from '../../../backend/metrics/metrics.ts';
import { StoreUnavailable } from '../../../backend/store/store.ts';
import { Fault, backendErrors } from '../../../shared/errors.ts';
import { createLogger } from '../../../shared/log.ts';

const CANARY = 'c4n4ry-S3CRET';
const open: FastifyInstance[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function start(routes: (server: FastifyInstance) => void) {
  const lines: string[] = [];
  const log = createLogger('test', 'trace', { write: (line: string) => void lines.push(line) });
  const metrics = new Metrics();
  const server = await createServer({ log, metrics });
  open.push(server);
  await server.register(async (context) => routes(context));
  await server.listen({ host: '127.0.0.1', port: 0 });
  return { server, lines, metrics, url: server.listeningOrigin };
}

test('an unexpected error is answered 500 with an id and logged once under it, without secrets', async () => {
  const { url, lines } = await start((server) => {
    server.get('/fails', () => {
      throw new Error(`no luck with user_key=${CANARY}`);
    });
  });
  const answer = await fetch(`${url}/fails?user_key=${CANARY}`, { headers: { authorization: `Bearer ${CANARY}` } });
  expect(answer.status).toBe(500);
  const text = await answer.text();
  expect(JSON.parse(text)).toEqual({
    error: { code: 'internal', message: 'an internal error; the log has the details under the request id' },
  });
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ requestId: answer.headers.get('x-request-id'), method: 'GET' });
  expect(lines.join('') + text).not.toContain(CANARY);
});

test('an error after the answer has begun does not end the process', async () => {
  const { url } = await start((server) => {
    server.get('/late', async (_request, reply) => {
      await reply.send('begun');
      throw new Error('too late');
    });
    server.get('/fine', () => ({ fine: true }));
  });
  await fetch(`${url}/late`);
  expect((await fetch(`${url}/fine`)).status).toBe(200);
});

test('an outage of the store is 503 with Retry-After, never a refusal', async () => {
  const { url, lines } = await start((server) => {
    server.get('/', () => {
      throw new StoreUnavailable('ECONNREFUSED', 'connect ECONNREFUSED 10.0.0.9:6379');
    });
  });
  const answer = await fetch(url);
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('1');
  const text = await answer.text();
  expect(text).toContain('store_unavailable');
  expect(text).not.toContain('10.0.0.9');
  expect(lines).toEqual([]);
});

test('a fault is answered with its own code, status and sentence', async () => {
  const { url } = await start((server) => {
    server.get('/', () => {
      throw new Fault(backendErrors.metricNotFound, 'there is no metric "hitz" in service "demo"');
    });
  });
  const answer = await fetch(url);
  expect(answer.status).toBe(404);
  expect(await answer.json()).toEqual({
    error: { code: 'metric_not_found', message: 'there is no metric "hitz" in service "demo"' },
  });
});

test.each([
  [
    'a body over the limit',
    { method: 'POST', body: 'x'.repeat(2_000_000), headers: { 'content-type': 'text/plain' } },
    413,
  ],
  ['JSON that is not JSON', { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } }, 400],
  [
    'JSON with __proto__',
    { method: 'POST', body: '{"__proto__":{}}', headers: { 'content-type': 'application/json' } },
    400,
  ],
  ['an unknown content type', { method: 'POST', body: 'x', headers: { 'content-type': 'a/b' } }, 415],
])('%s is the client’s fault', async (_what, request, status) => {
  const { url, lines } = await start((server) => {
    server.post('/', () => 'never');
  });
  expect((await fetch(url, request)).status).toBe(status);
  expect(lines).toEqual([]);
});

test('a path that cannot be decoded is 400', async () => {
  const { url } = await start((server) => {
    server.get('/a/:b', () => 'never');
  });
  const answer = await fetch(`${url}/a/%zz`);
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain('bad_request');
});

test('a harmless request id of the client is kept, another is replaced', async () => {
  const { url } = await start((server) => {
    server.get('/', (request) => request.id);
  });
  const kept = await fetch(url, { headers: { 'x-request-id': 'abc-1.2_3' } });
  expect(await kept.text()).toBe('abc-1.2_3');
  const replaced = await fetch(url, { headers: { 'x-request-id': 'a b{}' } });
  expect(await replaced.text()).not.toContain('a b');
});

test('requests are counted by route and status class, not by what clients put into paths', async () => {
  const { url, metrics } = await start((server) => {
    server.get('/things/:id', () => 'thing');
  });
  await fetch(`${url}/things/1`);
  await fetch(`${url}/things/2`);
  await fetch(`${url}/nothing/${CANARY}`);
  const { body } = await metrics.scrape();
  expect(body).toContain('tallygate_backend_requests_total{route="/things/:id",code="2xx"} 2');
  expect(body).toContain('tallygate_backend_requests_total{route="none",code="4xx"} 1');
  expect(body).toContain('tallygate_backend_request_duration_seconds_count{route="/things/:id"} 2');
  expect(body).not.toContain(CANARY);
});
