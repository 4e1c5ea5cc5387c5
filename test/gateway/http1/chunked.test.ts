import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ChunkedDecoder } from '../../../gateway/http1/chunked.ts';

/** The decoded body and what is left after it; null: malformed. */
function decode(...parts: string[]): { body: string; rest: string; done: boolean } | null {
  const decoder = new ChunkedDecoder();
  let body = '';
  let rest = '';
  const sink = {
    data: (bytes: Buffer, start: number, end: number) => void (body += bytes.toString('latin1', start, end)),
  };
  for (const part of parts) {
    const bytes = Buffer.from(part, 'latin1');
    const next = decoder.decode(bytes, 0, bytes.length, sink);
    if (next === -1) return null;
    rest += bytes.toString('latin1', next);
  }
  return { body, rest, done: decoder.done };
}

test.each([
  ['0\r\n\r\n', '', ''],
  ['5\r\nhello\r\n0\r\n\r\n', 'hello', ''],
  ['A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\nGET', '01234567890123456789', 'GET'],
  ['00005\r\nhello\r\n000\r\n\r\n', 'hello', ''],
  ['1;a;b=c;d="e;\\"f"\r\nx\r\n0\r\n\r\n', 'x', ''],
  ['0\r\nX: y\r\nZ:\r\n\r\n', '', ''],
])('%j', (text, body, rest) => {
  expect(decode(text)).toEqual({ body, rest, done: true });
});

test.each([
  '\r\n',
  ' 5\r\nhello\r\n',
  '5 \r\nhello\r\n',
  '+5\r\n',
  '-1\r\n',
  '0x5\r\n',
  '5_0\r\n',
  '5\nhello',
  '5\r\r\n',
  '5\r\nhelloX',
  '5\r\nhello\n0',
  '5\r\nhello\rX',
  '1234567890123\r\n',
  '5;\r\n',
  '5; a\r\n',
  '5;a=\r\n',
  '5;a="b\r\n',
  '5;a="b"c\r\n',
  '5;a\0\r\n',
  '5;a\n',
  '0\r\n X: y\r\n',
  '0\r\nX y\r\n',
  '0\r\n: y\r\n',
  '0\r\nX: y\n',
  '0\r\nX: \0\r\n',
  '0\r\nHost: a\r\n\r\n',
  '0\r\nContent-Length: 1\r\n\r\n',
  '0\r\n\rX',
])('%j is malformed', (text) => {
  expect(decode(text)).toBeNull();
});

test('what is cut off is not done, at any byte', () => {
  const text = '5;a="b"\r\nhello\r\n0\r\nX: y\r\n\r\n';
  for (let length = 0; length < text.length; length++) expect(decode(text.slice(0, length))?.done).toBe(false);
});

test('any body in any chunks and any parts is decoded as it was', () => {
  const chunks = fc.array(fc.string({ minLength: 1, maxLength: 40, unit: 'binary-ascii' }), { maxLength: 8 });
  const property = fc.property(chunks, fc.array(fc.nat(400), { maxLength: 5 }), (bodies, cuts) => {
    const text = `${bodies.map((body) => `${body.length.toString(16)}\r\n${body}\r\n`).join('')}0\r\n\r\nrest`;
    const places = [0, ...cuts.map((cut) => Math.min(cut, text.length)).toSorted((a, b) => a - b), text.length];
    const parts = places.slice(1).map((end, i) => text.slice(places[i], end));
    expect(decode(...parts)).toEqual({ body: bodies.join(''), rest: 'rest', done: true });
  });
  fc.assert(property, { numRuns: 3_000 });
});
