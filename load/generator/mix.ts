import { userKey } from '../peers/setup.ts';
import type { Conversation } from './converse.ts';

type Part = Omit<Conversation, 'port'>;

/** Callers that are known, and keys that nobody has. */
export const CALLERS = 200;
const UNKNOWN = 500;

const KILOBYTE = Buffer.alloc(1_000, 'x');
const TEN_KILOBYTES = Buffer.concat(Array.from({ length: 10 }, () => KILOBYTE));

/** Of 30 requests, 14 go over kept connections; the others have one for themselves, and eight of those leave too early. */
export const KEPT_OF_30 = 14;

/** What is said on connections of their own; `turn` chooses the caller. */
export const MIX: readonly ((turn: number) => Part)[] = [
  (turn) => answered(get('/v1/items', turn), 200),
  (turn) => answered(get('/v1/big', turn), 200),
  (turn) => answered(post(turn, `Content-Length: 10000\r\n`, TEN_KILOBYTES), 200),
  (turn) => answered(post(turn, 'Transfer-Encoding: chunked\r\n', chunked()), 200),
  (turn) => answered(get(`/v1/items`, turn, `nobody-${turn % UNKNOWN}`), 403),
  (turn) => answered(get('/none', turn), 404),
  () => answered(text('GET /v1/items HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'), 400),
  () => answered(text('POST /v1/items HTTP/1.1\r\nHost: a\r\nContent-Length: 1x\r\n\r\n'), 400),
  (turn) => left(get('/v1/big', turn), 200, 'first bytes'),
  (turn) => left(get('/v1/slow', turn), 200, 'first bytes'),
  (turn) => left(get('/v1/slow', turn), null, 50),
  (turn) => left(get('/v1/items', turn), null, 0),
  (turn) => left(post(turn, 'Content-Length: 100000\r\n', TEN_KILOBYTES), null, 20),
  (turn) => left(post(turn, 'Transfer-Encoding: chunked\r\n', text('3e8\r\nabc')), null, 20),
  () => left(text('GET /v1/items HTTP/1.1\r\nHost: a\r\nX-Half: '), null, 20),
  () => left(Buffer.alloc(0), null, 20),
];

/** A GET over a kept connection. */
export function keptRequest(turn: number): Buffer {
  return text(`GET /v1/items?user_key=${userKey(turn % CALLERS)} HTTP/1.1\r\nHost: load.test\r\n\r\n`);
}

function answered(bytes: Buffer, status: number): Part {
  return { bytes, status, leave: 'end' };
}

function left(bytes: Buffer, status: number | null, leave: Part['leave']): Part {
  return { bytes, status, leave };
}

function get(path: string, turn: number, key = userKey(turn % CALLERS)): Buffer {
  return text(`GET ${path}?user_key=${key} HTTP/1.1\r\nHost: load.test\r\nConnection: close\r\n\r\n`);
}

function post(turn: number, framing: string, body: Buffer): Buffer {
  const key = userKey(turn % CALLERS);
  const head = `POST /v1/items?user_key=${key} HTTP/1.1\r\nHost: load.test\r\nConnection: close\r\n${framing}\r\n`;
  return Buffer.concat([text(head), body]);
}

function chunked(): Buffer {
  return Buffer.concat([text('3e8\r\n'), KILOBYTE, text('\r\n3e8\r\n'), KILOBYTE, text('\r\n0\r\n\r\n')]);
}

function text(value: string): Buffer {
  return Buffer.from(value, 'latin1');
}
