import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Routes } from '../../contract.ts';
import type { JsonObject } from '../../configuration/records/fields.ts';
import { flags } from '../../events/flags.ts';
import { utcText } from '../../events/utc-text.ts';
import { isJsonObject, queryParameter } from '../internal/attributes.ts';
import { parseAlertKey, parseCounterKey } from './counter-key.ts';
import type { NamedCounter } from './counter-key.ts';
import type { TestControlDeps } from './deps.ts';

/** Day on which seeded events are dated, where the test sets no time. */
const SEEDED_AT = Date.UTC(2026, 0, 1);

/**
 * For tests only: empties the store, sets the time, waits until all is applied, seeds. Register it under the prefix
 * `/__test`, and never on an address that others can reach.
 */
export function testControlRoutes(deps: TestControlDeps): Routes {
  return (server) => {
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', { parseAs: 'string' }, (_request, _body, done) => done(null, undefined));
    stateRoutes(server, deps);
    counterRoutes(server, deps);
    seedRoutes(server, deps);
  };
}

/**
 * Lets this process agree with every other one before each request: on the time, and on the configuration, which
 * otherwise may lag by a second. Call with the server itself.
 */
export function followTestControl(
  server: FastifyInstance,
  deps: Pick<TestControlDeps, 'configuration' | 'time'>,
): void {
  server.addHook('onRequest', async () => {
    await deps.time.follow();
    await deps.configuration.synchronize();
  });
}

function stateRoutes(server: FastifyInstance, deps: TestControlDeps): void {
  server.post('/flush', async () => {
    await deps.jobs.drain();
    await deps.store.flush();
    await deps.configuration.prepare();
    await deps.configuration.synchronize();
    await deps.time.follow();
    return {};
  });

  server.post('/time', async (request, reply) => {
    const text = queryParameter(request, 'at') ?? '';
    const at = Date.parse(text);
    if (text !== '' && Number.isNaN(at)) return reply.code(400).send({ error: 'at is no time' });
    await deps.time.set(text === '' ? null : at);
    return {};
  });

  server.post('/drain', async () => {
    await deps.jobs.drain();
    return {};
  });

  server.post('/flush_notifications', async () => {
    await deps.jobs.drain();
    await deps.accounting?.flush();
    await deps.jobs.drain();
    return {};
  });
}

function counterRoutes(server: FastifyInstance, deps: TestControlDeps): void {
  const { counters, logs } = deps.store;

  server.post('/counter', async (request, reply) => {
    const named = parseCounterKey(keyOf(request));
    if (named === null) return reply.code(400).send({ error: 'key names no counter' });
    const { service, application, counter, period, start } = named;
    const [value = 0n] = await counters.series(service, application, counter, period, [start]);
    return { value: value === 0n ? null : value.toString() };
  });

  server.post('/set', async (request, reply) => {
    const key = keyOf(request);
    const value = queryParameter(request, 'value') ?? '';
    const alert = parseAlertKey(key);
    if (alert !== null && value === '') {
      await logs.clearFlag(flags.alerted(alert, alert.bin));
      return {};
    }
    const named = parseCounterKey(key);
    if (named === null || !(await seed(named, value, deps)))
      return reply.code(400).send({ error: 'key cannot be set' });
    return {};
  });
}

/** Sums of a service follow from its applications: only those can be set. */
async function seed(named: NamedCounter, value: string, deps: TestControlDeps): Promise<boolean> {
  const { service, application, counter, period, start } = named;
  if (!/^-?\d{0,19}$/.test(value)) return false;
  if (application === null) return true;
  if (!('metric' in counter)) return false;
  const amount = BigInt(value === '' ? 0 : value);
  await deps.store.counters.seed({ service, application }, { metric: counter.metric, period }, start, amount);
  return true;
}

function seedRoutes(server: FastifyInstance, deps: TestControlDeps): void {
  server.post('/seed_error', async (request) => {
    const code = queryParameter(request, 'code') ?? '';
    const message = queryParameter(request, 'message') ?? '';
    await deps.errors.record(queryParameter(request, 'service_id') ?? '', { code, message });
    return {};
  });

  server.post('/seed_event', async (request, reply) => {
    const object = parseObject(queryParameter(request, 'object') ?? '{}');
    if (object === null) return reply.code(400).send({ error: 'object is no JSON object' });
    await deps.events.append(queryParameter(request, 'type') ?? '', object, utcText(SEEDED_AT));
    return {};
  });
}

function keyOf(request: FastifyRequest): string {
  return queryParameter(request, 'key') ?? '';
}

/** Null when it is none. */
function parseObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
