import fc from 'fast-check';
import { expect, test } from 'vitest';
import { serverDefaults } from '../../../gateway/http1/config.ts';
import { Dispatcher } from '../../../gateway/http1/links.ts';
import type { ForwardedExchange, UpstreamSide } from '../../../gateway/http1/links.ts';
import { ResponseHead } from '../../../gateway/http1/response-head.ts';
import { createServer } from '../../../gateway/http1/server.ts';
import { settle, TestClock } from '../../harness/clock.ts';
import { answerOf, noEdits, plainRules, TestHandler } from './support/engine.ts';
import { MemorySocket } from './support/memory-socket.ts';

/** How a request is decided and answered, and after how many turns of the event loop. */
interface Plan {
  readonly how: 'local' | 'local late' | 'upstream' | 'upstream fails' | 'reads body' | 'throws';
  readonly turns: number;
  readonly body: 'none' | 'length' | 'chunks';
}

const plans = fc.array(
  fc.record<Plan>({
    how: fc.constantFrom('local', 'local late', 'upstream', 'upstream fails', 'reads body', 'throws'),
    turns: fc.nat(3),
    body: fc.constantFrom('none', 'length', 'chunks'),
  }),
  { minLength: 1, maxLength: 6 },
);
const script = fc.record({
  plans,
  cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 }),
  end: fc.constantFrom('stays', 'ends', 'leaves'),
  committing: fc.array(fc.boolean(), { maxLength: 4 }),
});

function requestText({ body }: Plan, index: number): string {
  const head = `POST /${index} HTTP/1.1\r\nHost: a\r\n`;
  if (body === 'none') return `${head}\r\n`;
  return body === 'length'
    ? `${head}Content-Length: 5\r\n\r\nhello`
    : `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`;
}

/** An upstream in memory: answers with the path of the request, or fails. */
class PlannedUpstream extends Dispatcher {
  readonly name = 'planned';
  readonly authority = 'planned';
  readonly #plan: (exchange: ForwardedExchange) => Plan;
  readonly #head = new ResponseHead();

  constructor(plan: (exchange: ForwardedExchange) => Plan) {
    super();
    this.#plan = plan;
  }

  dispatch(exchange: ForwardedExchange): void {
    const { how, turns } = this.#plan(exchange);
    const connection: UpstreamSide = {
      full: false,
      sendText: () => {},
      sendBody: (body) => body.clear(),
      sendBytes: () => {},
      endOutput: () => {},
      resume: () => {},
      abort: () => {},
    };
    exchange.sentOn(connection);
    void later(turns).then(() => {
      if (exchange.over) return;
      if (how === 'upstream fails') exchange.fail('upstream_closed');
      else this.#answer(exchange);
    });
  }

  async close(): Promise<void> {}

  #answer(exchange: ForwardedExchange): void {
    const body = /^POST (\S+)/.exec(exchange.requestText)?.[1] ?? '';
    const text = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
    this.#head.read(text, 0, text.length);
    exchange.begin(this.#head, body.length);
    exchange.dataText(body);
    exchange.complete();
  }
}

async function later(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await settle();
}

/** Everything that one client gets, and what the handler was told. */
async function run({ plans, cuts, end, committing }: typeof script extends fc.Arbitrary<infer T> ? T : never): Promise<{
  socket: MemorySocket;
  handler: TestHandler;
  faults: unknown[];
}> {
  const planOf = (path: string): Plan => plans[Number(path.slice(1))] ?? { how: 'local', turns: 0, body: 'none' };
  const upstream = new PlannedUpstream((exchange) => planOf(/^POST (\S+)/.exec(exchange.requestText)?.[1] ?? ''));
  const handler = new TestHandler();
  let commits = 0;
  handler.commit = () => committing[commits++] ?? true;
  handler.decide = (exchange) => {
    const { how, turns } = planOf(exchange.path);
    const respond = (): void => exchange.respond(answerOf(200, exchange.path));
    if (how === 'throws') throw new Error('planned');
    else if (how === 'local') respond();
    else if (how === 'local late') void later(turns).then(respond);
    else if (how === 'reads body')
      exchange.readBody(1_000, (body) => body !== null && exchange.forward(upstream, noEdits));
    else exchange.forward(upstream, noEdits);
  };
  const faults: unknown[] = [];
  const events = {
    fault: (error: unknown) => void faults.push(error),
    upstreamDown: () => {},
    upstreamUp: () => {},
    pipeliningStopped: () => {},
  };
  const server = createServer(serverDefaults, { clock: new TestClock(), events, handler, rules: () => plainRules });
  const socket = new MemorySocket({ allowHalfOpen: true });
  server.accept(socket);
  const text = plans.map(requestText).join('');
  const places = [0, ...cuts.toSorted((a, b) => a - b).map((cut) => Math.round(cut * text.length)), text.length];
  for (const [i, place] of places.slice(1).entries()) {
    if (place > (places[i] ?? 0)) socket.push(Buffer.from(text.slice(places[i], place)));
    await settle();
  }
  if (end === 'ends') socket.push(null);
  if (end === 'leaves') socket.destroy();
  await later(6 * plans.length + 6);
  expect(server.counters.buffered).toBe(0);
  await server.close();
  return { socket, handler, faults };
}

test('any pipeline is answered in order, each request once, whatever is decided when', async () => {
  const property = fc.asyncProperty(script, async (one) => {
    const { socket, handler, faults } = await run(one);
    expect(faults.map(String).filter((fault) => fault !== 'Error: planned')).toEqual([]);
    expect(handler.finishedOnes).toEqual(handler.seen);
    const answers = [...socket.written.matchAll(/HTTP\/1\.1 (\d+) [^]*?\r\n\r\n([^]*?)(?=HTTP|$)/g)].map((match) => [
      match[1],
      match[2],
    ]);
    for (const [i, [status, body]] of answers.entries()) {
      if (status === '200') expect(body).toBe(`/${i}`);
      else expect([status, body].join(' ')).toMatch(/^(500 internal_error|502 upstream_closed|503 journal)$/);
    }
    // A request whose body is not here yet is the last one when it is answered early.
    if (one.end !== 'leaves' && !socket.written.includes('Connection: close\r\n'))
      expect(answers).toHaveLength(one.plans.length);
    if (one.end === 'ends') expect(socket.writableEnded).toBe(true);
    expect(answers.length).toBeLessThanOrEqual(one.plans.length);
  });
  await fc.assert(property, { numRuns: 1_500 });
}, 120_000);
