import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Exchange } from '../../../gateway/http1/contract.ts';
import { settle } from '../../harness/clock.ts';
import { until } from '../../harness/latch.ts';
import { connectRaw } from '../../harness/raw.ts';
import type { RawClient } from '../../harness/raw.ts';
import { startEngine } from './support/engine.ts';
import type { TestEngine } from './support/engine.ts';
import { startScripted } from './support/scripted-upstream.ts';
import type { ScriptedRequest, ScriptedUpstream } from './support/scripted-upstream.ts';

/** What the upstream does with one request, and what its client does. */
interface Plan {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly answer: 'length' | 'chunks' | '204' | 'long' | 'last' | 'broken' | 'none' | 'invalid' | 'to the end';
  /** Bytes after which the answer is cut, and turns of the event loop between the parts. */
  readonly cut: number;
  readonly turns: number;
  readonly leaves: 'never' | 'at once' | 'later';
}

const answers: fc.Arbitrary<Plan['answer']> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('length', 'chunks', '204', 'long') },
  { weight: 1, arbitrary: fc.constantFrom('last', 'broken', 'none', 'invalid', 'to the end') },
);
const plan = fc.record<Plan>({
  method: fc.oneof(
    { weight: 8, arbitrary: fc.constant('GET' as const) },
    fc.constantFrom('HEAD' as const, 'POST' as const),
  ),
  answer: answers,
  cut: fc.nat(120),
  turns: fc.nat(3),
  leaves: fc.oneof(
    { weight: 6, arbitrary: fc.constant('never' as const) },
    fc.constantFrom('at once' as const, 'later' as const),
  ),
});
/** Requests of one tick, and then those of the next. */
const script = fc.array(fc.array(plan, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 });

const LONG = 100_000;

function answerText({ answer, method }: Plan, path: string): string {
  const body = answer === 'long' ? `${path} `.padEnd(LONG, 'x') : path;
  const head = `HTTP/1.1 200 OK\r\nX-Path: ${path}\r\n`;
  const shown = method === 'HEAD' ? '' : body;
  switch (answer) {
    case 'chunks':
      return `${head}Transfer-Encoding: chunked\r\n\r\n${method === 'HEAD' ? '' : `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`}`;
    case '204':
      return `HTTP/1.1 204 No Content\r\nX-Path: ${path}\r\n\r\n`;
    case 'last':
      return `${head}Connection: close\r\nContent-Length: ${body.length}\r\n\r\n${shown}`;
    case 'broken':
      return `${head}Content-Length: ${body.length + 9}\r\n\r\n${shown}`;
    case 'none':
      return '';
    case 'invalid':
      return `${head}Content-Length: x\r\n\r\n`;
    case 'to the end':
      return `${head}\r\n${shown}`;
    default:
      return `${head}Content-Length: ${body.length}\r\n\r\n${shown}`;
  }
}

const ENDS = new Set<Plan['answer']>(['last', 'broken', 'none', 'to the end']);

/** An app that answers the requests of a connection one after the other, as planned for each path. */
class PlannedApp {
  readonly served = new Map<string, number>();
  readonly #plans = new Map<string, Plan>();
  readonly #busy = new Map<number, Promise<void>>();

  constructor(upstream: ScriptedUpstream) {
    upstream.answer = (request) => {
      const before = this.#busy.get(request.connection) ?? Promise.resolve();
      this.#busy.set(
        request.connection,
        before.then(() => this.#serve(request)),
      );
    };
  }

  plan(path: string, how: Plan): void {
    this.#plans.set(path, how);
  }

  async #serve(request: ScriptedRequest): Promise<void> {
    const { path, socket } = request;
    const how = this.#plans.get(path);
    const times = (this.served.get(path) ?? 0) + 1;
    this.served.set(path, times);
    if (how === undefined || socket.destroyed || socket.writableEnded) return;
    const text = answerText(how, path);
    socket.write(text.slice(0, how.cut), 'latin1');
    for (let turn = 0; turn < how.turns; turn++) await settle();
    socket.write(text.slice(how.cut), 'latin1');
    if (ENDS.has(how.answer)) socket.end();
  }
}

/** Forwards the requests of a round in one tick. */
function hold(engine: TestEngine, count: number): void {
  const { handler } = engine;
  const held: Exchange<string>[] = [];
  handler.decide = (exchange) => {
    held.push(exchange);
    if (held.length === count) for (const each of held.splice(0)) handler.pass(each);
  };
}

function requestText({ method }: Plan, path: string): string {
  const body = method === 'POST' ? 'Content-Length: 2\r\n\r\nhi' : '\r\n';
  return `${method} ${path} HTTP/1.1\r\nHost: a\r\n${body}`;
}

/** What one client was shown must be of its own request, whole, or an error of the gateway's. */
function fault({ method, answer }: Plan, path: string, { received, state }: RawClient): string | null {
  if (received === '') return state === 'open' ? `${path} got nothing` : null;
  const own = /X-Path: (\S+)\r\n/.exec(received)?.[1];
  if (own === undefined) return / (502|504) Answer/.test(received) ? null : `${path} got ${received.slice(0, 300)}`;
  if (own !== path) return `${path} got the answer to ${own}`;
  if (received.indexOf('HTTP/1.1 ') !== received.lastIndexOf('HTTP/1.1 ')) return `${path} got two answers`;
  const body = received
    .slice(received.indexOf('\r\n\r\n') + 4)
    .replaceAll(/^[0-9a-f]+\r\n|\r\n0\r\n\r\n$|\r\n[0-9a-f]+\r\n/g, '');
  const whole = method === 'HEAD' || answer === '204' ? '' : answer === 'long' ? `${path} `.padEnd(LONG, 'x') : path;
  return body === whole ? null : `${path} got the body ${JSON.stringify(body.slice(0, 100))} of ${body.length}`;
}

/** The client has all that it will get. */
function isOver({ method }: Plan, { received, state }: RawClient): boolean {
  if (state !== 'open') return true;
  const head = received.indexOf('\r\n\r\n');
  if (head === -1) return false;
  if (method === 'HEAD' || received.includes(' 204 ')) return true;
  const length = /\r\nContent-Length: (\d+)/.exec(received.slice(0, head))?.[1];
  return length === undefined ? received.endsWith('0\r\n\r\n') : received.length === head + 4 + Number(length);
}

test('whatever clients and upstream do, nobody sees an answer to another request, and each is over once', async () => {
  let pipelined = 0;
  await fc.assert(
    fc.asyncProperty(script, async (rounds) => {
      const upstream = await startScripted();
      const engine = await startEngine({ upstream: { url: upstream.url, pipelining: 4, maxConnections: 4 } });
      await prove(engine);
      const app = new PlannedApp(upstream);
      let asked = engine.handler.seen.length;
      for (const [round, plans] of rounds.entries()) {
        hold(engine, plans.length);
        const clients: RawClient[] = [];
        for (const [index, how] of plans.entries()) {
          const path = `/${round}-${index}`;
          app.plan(path, how);
          const client = await connectRaw(engine.port);
          client.send(requestText(how, path));
          clients.push(client);
        }
        asked += plans.length;
        await engine.handler.asked.wait(asked);
        for (const [index, how] of plans.entries()) if (how.leaves === 'at once') clients[index]?.reset();
        await settle();
        for (const [index, how] of plans.entries()) if (how.leaves === 'later') clients[index]?.reset();
        await until(() => engine.handler.finishedOnes.length === asked, 'all are over');
        for (const [index, how] of plans.entries()) {
          const client = clients[index];
          if (client === undefined || how.leaves !== 'never') continue;
          await until(() => isOver(how, client), `the answer to /${round}-${index} is whole`);
          expect(fault(how, `/${round}-${index}`, client)).toBe(null);
          client.destroy();
        }
      }
      expect(new Set(engine.handler.finishedOnes).size).toBe(asked);
      expect(engine.faults).toEqual([]);
      for (const [path, times] of app.served) expect([path, times <= 2]).toEqual([path, true]);
      pipelined += engine.pool?.counters.pipelined ?? 0;
      await engine.server.close();
      await upstream.close();
    }),
    { numRuns: 60 },
  );
  expect(pipelined).toBeGreaterThan(100);
}, 60_000);

/** Lets the upstream show that it is fast and keeps its connections. */
async function prove(engine: TestEngine): Promise<void> {
  const client = await connectRaw(engine.port);
  for (let i = 0; i < 250; i++) {
    client.send('GET /proof HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.readUntil('/proof');
  }
  client.destroy();
}
