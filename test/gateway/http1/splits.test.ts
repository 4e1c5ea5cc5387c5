import fc from 'fast-check';
import { expect, test } from 'vitest';
import { serverDefaults } from '../../../gateway/http1/config.ts';
import { createServer } from '../../../gateway/http1/server.ts';
import { corpus } from '../../fuzz/corpus.ts';
import { mutate } from '../../fuzz/mutate.ts';
import { readResponse, readResponseParts } from '../../fuzz/ours.ts';
import { Random } from '../../fuzz/random.ts';
import { settle, TestClock } from '../../harness/clock.ts';
import { answerOf, plainRules, TestHandler } from './support/engine.ts';
import { MemorySocket } from './support/memory-socket.ts';

const { requests, responses } = corpus();

/** Messages of the corpus, half of them mutated, and where they are cut. */
function cutMessages(from: readonly string[]): fc.Arbitrary<[string, number[]]> {
  const message = fc.tuple(fc.constantFrom(...from), fc.constantFrom(...from), fc.integer(), fc.boolean());
  const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 });
  return fc.tuple(
    message.map(([text, other, seed, plain]) => (plain ? text : mutate(text, other, new Random(seed)))),
    cuts.map((places) => places.toSorted((a, b) => a - b)),
  );
}

function parts(text: string, cuts: readonly number[]): string[] {
  const places = [0, ...cuts.map((cut) => Math.round(cut * text.length)), text.length];
  return places.slice(1).map((end, i) => text.slice(places[i], end));
}

/** All that a client gets when it sends these parts, each read on its own. */
async function answersTo(sent: readonly string[]): Promise<string> {
  const handler = new TestHandler();
  handler.decide = (exchange) =>
    exchange.readBody(1_000_000, (body) => {
      if (body === null) return;
      exchange.respond(
        answerOf(200, `${exchange.method} ${exchange.path} ${exchange.query} ${body.toString('latin1')}`),
      );
    });
  const faults: unknown[] = [];
  const events = {
    fault: (error: unknown) => faults.push(error),
    upstreamDown: () => {},
    upstreamUp: () => {},
    pipeliningStopped: () => {},
  };
  const rules = { ...plainRules, upgrades: new Set<string>() };
  const server = createServer(serverDefaults, { clock: new TestClock(), events, handler, rules: () => rules });
  const socket = new MemorySocket();
  server.accept(socket);
  for (const part of sent) {
    if (part !== '') socket.push(Buffer.from(part, 'latin1'));
    await settle();
    await settle();
  }
  await server.close();
  expect(faults).toEqual([]);
  expect(handler.finishedOnes).toHaveLength(handler.seen.length);
  return socket.written;
}

test('the comparison is of real answers', async () => {
  expect(await answersTo(['POST /a?b HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi'])).toContain('POST /a b hi');
});

test('requests cut into any parts get the same answers as in one part', async () => {
  const property = fc.asyncProperty(cutMessages(requests), async ([text, cuts]) => {
    expect(withoutContinue(await answersTo(parts(text, cuts)))).toBe(withoutContinue(await answersTo([text])));
  });
  await fc.assert(property, { numRuns: 1_500 });
}, 60_000);

test('requests cut into single bytes get the same answers as in one part', async () => {
  const short = requests.filter((text) => text.length < 200);
  for (const text of short)
    expect(withoutContinue(await answersTo(text.split('')))).toBe(withoutContinue(await answersTo([text])));
}, 60_000);

test('responses cut into any parts are read as in one part', () => {
  const property = fc.property(cutMessages(responses), fc.boolean(), ([text, cuts], isHead) => {
    const whole = readResponse(text, isHead);
    const cut = readResponseParts(parts(text, cuts), isHead);
    expect(cut.refused).toBe(whole.refused);
    // What came before the fault may have been passed on: then the client sees a response that breaks off.
    if (whole.refused && whole.messages.length === 0) expect(cut.messages[0]?.complete ?? false).toBe(false);
    else expect(cut.messages).toEqual(whole.messages);
  });
  fc.assert(property, { numRuns: 20_000 });
}, 60_000);

/** An early 100 depends on whether the body was there already. */
function withoutContinue(text: string): string {
  return text.replaceAll('HTTP/1.1 100 Continue\r\n\r\n', '');
}
