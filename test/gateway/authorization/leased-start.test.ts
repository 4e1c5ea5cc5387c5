import { createServer, type ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import type { Authorization } from '../../../gateway/authorization/authorization.ts';
import { systemClock } from '../../../shared/clock.ts';
import { createLogger } from '../../../shared/log.ts';
import { TestClock } from '../../harness/clock.ts';
import { Latch, until } from '../../harness/latch.ts';
import { track } from '../../harness/resources.ts';
import { startedAuthorization } from '../support/authorization.ts';
import { callOf, testService, testUsage } from '../support/service.ts';

const ENVELOPE = { store: 'store-1', now: Date.UTC(2024, 0, 1) };
const DISCOVERY = { product: 'tallygate', versions: [1], ...ENVELOPE, leaseTime: 1_000, limits: 'exact' };
const HEARTBEAT = { ...ENVELOPE, version: 1, all: false, changed: [], scarce: [] };
const REFUSAL = { error: { code: 'unauthorized', message: 'no valid token for any of the services' } };

interface Stage {
  readonly heartbeats: Latch;
  readonly lines: string[];
  readonly clock: TestClock;
  /** What the heartbeats are answered with; null: nothing yet. */
  answer: { readonly status: number; readonly body: object } | null;
  start(): Promise<Authorization>;
}

/** A server that says it is a backend of ours, and answers heartbeats as the test wants it. */
async function stage(): Promise<Stage> {
  const held: ServerResponse[] = [];
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      if (request.url === '/v1') return send(response, 200, DISCOVERY);
      if (made.answer !== null) send(response, made.answer.status, made.answer.body);
      else held.push(response);
      if (request.url === '/v1/heartbeat') made.heartbeats.open();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  track({ stop: () => Promise.resolve(stop()), abandon: stop });
  const lines: string[] = [];
  const log = createLogger('test', 'info', { write: (line: string) => void lines.push(line) });
  const clock = new TestClock(systemClock.now());
  const url = new URL(`http://127.0.0.1:${address.port}`);
  const made: Stage = {
    heartbeats: new Latch(),
    lines,
    clock,
    get answer() {
      return current;
    },
    set answer(value) {
      current = value;
      if (value !== null) for (const response of held.splice(0)) send(response, value.status, value.body);
    },
    start: () => startedAuthorization({ url }, { mode: 'leased' }, clock, log),
  };
  let current: Stage['answer'] = null;
  return made;
}

test('a gateway has started when it has heard the time of its backend', async () => {
  const world = await stage();
  let started = false;
  const starting = world.start().then((authorization) => {
    started = true;
    return authorization;
  });
  await world.heartbeats.wait();
  expect(started).toBe(false);
  world.answer = { status: 200, body: HEARTBEAT };
  await starting;
  expect(world.lines.join('')).not.toContain('backend_not_heard');
});

test('a backend that is silent holds the start up for BACKEND_TIMEOUT_MS, and is told', async () => {
  const world = await stage();
  const starting = world.start();
  await world.heartbeats.wait();
  await world.clock.advance(300);
  await starting;
  expect(world.lines.join('')).toContain('"code":"backend_not_heard"');
});

test('a token that the backend refuses is told as that, once, and again when it is accepted', async () => {
  const world = await stage();
  world.answer = { status: 401, body: REFUSAL };
  const { authorizer, metrics } = await world.start();
  expect(metrics.tokensRefused()).toBe(1);
  const { clock } = world;
  await until(async () => {
    await clock.advance(100);
    return world.heartbeats.count > 5;
  }, 'it asks again and again');
  const call = callOf(testService(), 'anybody', testUsage({ hits: 1 }));
  await until(async () => {
    await clock.advance(20);
    return authorizer.authorize(call, () => undefined) !== null;
  }, 'nobody waits any more');
  expect(authorizer.authorize(call, () => undefined)).toMatchObject({ allowed: false, reason: 'outage' });
  const told = (): string => world.lines.join('');
  expect(told().match(/service_token_refused/g)).toHaveLength(1);
  expect(told()).not.toContain('backend_down');
  world.answer = { status: 200, body: HEARTBEAT };
  await until(async () => {
    await clock.advance(1_000);
    return metrics.tokensRefused() === 0;
  }, 'the token is accepted');
  expect(told()).toContain('service_token_accepted');
});

test("a proxy's 401 says nothing of the token", async () => {
  const world = await stage();
  world.answer = { status: 401, body: { message: 'log in first' } };
  const { metrics } = await world.start();
  expect(metrics.tokensRefused()).toBe(0);
  expect(world.lines.join('')).toContain('"code":"backend_not_heard"');
});

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
