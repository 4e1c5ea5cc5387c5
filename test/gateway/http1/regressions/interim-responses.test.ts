import { expect, test } from 'vitest';
import { readResponse } from '../../../fuzz/ours.ts';

const FINAL = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

// Found by fuzzing: what follows such a response could be the final one, or the bytes of something else.
test.each([
  ['in HTTP/1.0', 'HTTP/1.0 100 Continue\r\n\r\n'],
  ['that closes', 'HTTP/1.1 103 Early Hints\r\nConnection: close\r\n\r\n'],
  ['with a length', 'HTTP/1.1 105 Odd\r\nContent-Length: 0\r\n\r\n'],
  ['in chunks', 'HTTP/1.1 102 Processing\r\nTransfer-Encoding: chunked\r\n\r\n'],
])('an interim response %s is invalid', (_, interim) => {
  expect(readResponse(interim + FINAL, false)).toMatchObject({ refused: true, messages: [] });
});

test('plain interim responses are dropped', () => {
  const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
  expect(readResponse(interim + FINAL, false).messages).toMatchObject([{ start: '200', body: 'ok', complete: true }]);
});
