import { BufferPool } from '../../gateway/http1/buffer-pool.ts';
import { NO_FRAMING } from '../../gateway/http1/framing.ts';
import { RequestBody } from '../../gateway/http1/request-body.ts';
import { RequestHead } from '../../gateway/http1/request-head.ts';
import { ResponseHead } from '../../gateway/http1/response-head.ts';
import { COMPLETE, INVALID, READING, ResponseReader } from '../../gateway/http1/response-reader.ts';
import { systemClock } from '../../shared/clock.ts';
import type { Fields } from '../../gateway/http1/fields.ts';
import { emptyReading } from './reading.ts';
import type { ReadMessage, Reading } from './reading.ts';
import { requestFault, responseFault } from './written.ts';

const rules = {
  encodedSlash: 'pass' as const,
  mergeSlashes: true,
  upgrades: new Set(['websocket']),
  maxBodyBytes: null,
  edits: { drop: new Set<string>() },
};
const buffers = new BufferPool();
const requestHead = new RequestHead(() => rules);
const responseHead = new ResponseHead();

/** Reads requests as a client connection does, one after the other from the same bytes. */
export function readRequests(input: string): Reading {
  const bytes = Buffer.from(input, 'latin1');
  const reading = emptyReading();
  let at = 0;
  while (at < bytes.length) {
    const next = requestHead.read(bytes, at, bytes.length, 16_384);
    if (next === 0) return reading;
    if (next < 0) break;
    const { method, framing, keepAlive } = requestHead;
    // The target as it came: its normal form is our own business.
    const start = requestHead.text.split(' ', 2).join(' ');
    const message: ReadMessage = { start, fields: fieldsOf(requestHead.fields), body: '', complete: true };
    reading.written ??= requestFault(requestHead);
    at = next;
    if (framing !== NO_FRAMING && framing !== 0) {
      const body = new RequestBody(framing, null, buffers);
      at = body.receive(bytes, next, bytes.length);
      // A head whose body is malformed is never shown to the handler.
      if (at === -1) break;
      message.complete = body.complete;
      message.body = body.held.peek().toString('latin1');
    }
    if (!start.startsWith(method)) throw new Error(`method ${method} of ${start}`);
    reading.messages.push(message);
    // What follows an upgrade llhttp takes for the new protocol; for us it is that only after a 101.
    if (!message.complete || !keepAlive || message.fields.some((field) => field.startsWith('upgrade: ')))
      return reading;
  }
  reading.refused = at < bytes.length || at === -1;
  return reading;
}

/** Reads one response as an upstream connection does; at the end the connection is closed in good order. */
export function readResponse(input: string, isHead: boolean): Reading {
  return readResponseParts([input], isHead);
}

/** The same, of an input that comes in several reads. */
export function readResponseParts(inputs: readonly string[], isHead: boolean): Reading {
  const reading = emptyReading();
  const reader = new ResponseReader(responseHead, systemClock);
  reader.expect(new ReadingExchange(isHead, reading));
  let result = READING;
  for (const input of inputs) {
    const bytes = Buffer.from(input, 'latin1');
    if (bytes.length > 0 && result === READING) result = reader.receive(bytes, 0, bytes.length);
  }
  const message = reading.messages[0];
  if (message !== undefined) message.complete = result === COMPLETE || (result === READING && reader.end());
  reading.refused = result === INVALID;
  return reading;
}

/** Takes a response as an exchange does, and only notes it. */
class ReadingExchange {
  readonly requestText = '';
  readonly upgrade = '';
  readonly idempotent = true;
  readonly replayable = true;
  readonly pipelinable = false;
  readonly requestComplete = true;
  readonly over = false;
  readonly clientFull = false;
  readonly schedule = { buffers, flushLater: (): void => {} };
  retried = false;
  forwardedAt = 0;
  answeredAt = 0;
  readonly isHead: boolean;
  readonly #reading: Reading;

  constructor(isHead: boolean, reading: Reading) {
    this.isHead = isHead;
    this.#reading = reading;
  }

  begin(head: ResponseHead, length: number): void {
    this.#reading.written ??= responseFault(head, length);
    this.#reading.messages.push({ start: `${head.status}`, fields: fieldsOf(head.fields), body: '', complete: false });
  }

  data(bytes: Buffer, start: number, end: number): void {
    this.dataText(bytes.toString('latin1', start, end));
  }

  dataText(text: string): void {
    const message = this.#reading.messages[0];
    if (message !== undefined) message.body += text;
  }

  sentOn(): void {}
  upstreamDrained(): void {}
  complete(): void {}
  switched(): void {}
  upstreamEnded(): void {}
  fail(): void {}
}

function fieldsOf(fields: Fields): string[] {
  return Array.from({ length: fields.count }, (_, i) => `${fields.lowerName(i)}: ${fields.value(i)}`);
}
