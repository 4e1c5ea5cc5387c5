import { expect, test } from 'vitest';
import { readRequests } from '../../../fuzz/ours.ts';

const HEAD = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';

// Found by fuzzing: llhttp refuses these, so something behind us may too, or read on elsewhere.
test.each([
  ['an extension without a name', '5;\r\nhello\r\n0\r\n\r\n'],
  ['an extension that is no token', '1;a=bhttp://x/\r\nx\r\n0\r\n\r\n'],
  ['text after a quoted value', '1;a="b"c\r\nx\r\n0\r\n\r\n'],
  ['white space in an extension', '1; a=b\r\nx\r\n0\r\n\r\n'],
  ['Transfer-Encoding as a trailer', '1\r\nx\r\n0\r\nTransfer-Encoding: gzip\r\n\r\n'],
  ['Connection as a trailer', '1\r\nx\r\n0\r\nConnection: CLOSE\r\n\r\n'],
  ['content-length as a trailer', '1\r\nx\r\n0\r\ncontent-length: 5\r\n\r\n'],
])('a chunked body is malformed with %s', (_, body) => {
  expect(readRequests(HEAD + body)).toMatchObject({ refused: true, messages: [] });
});

test.each([
  ['a token', '1;a=b\r\nx\r\n0\r\n\r\n'],
  ['a quoted string', '1;a="b \\" c";d\r\nx\r\n0;e\r\n\r\n'],
])('an extension with %s is dropped', (_, body) => {
  expect(readRequests(HEAD + body).messages).toMatchObject([{ body: 'x', complete: true }]);
});
