import { join } from 'node:path';
import { packageRoot } from '../../shared/package-root.ts';
import { isResponseCase, readCases } from '../attacks/attack-case.ts';

/** Messages longer than this only make the mutations slower. */
const LONGEST = 4_096;

const REQUESTS = [
  'GET / HTTP/1.1\r\nHost: api.test\r\n\r\n',
  'GET /v1/x?user_key=a HTTP/1.1\r\nHost: api.test\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n',
  'POST /v1/x HTTP/1.1\r\nHost: api.test\r\nContent-Length: 5\r\n\r\nhello',
  'POST /v1/x HTTP/1.1\r\nHost: api.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b;c="d e"\r\nx\r\nA\r\n0123456789\r\n0\r\nX-T: y\r\n\r\n',
  'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nabGET /n HTTP/1.1\r\nHost: a\r\n\r\nDELETE /m HTTP/1.1\r\nHost: a\r\n\r\n',
  'HEAD / HTTP/1.0\r\n\r\n',
  'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n',
  'GET http://api.test:80/a/../b HTTP/1.1\r\nHost: api.test\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n',
  '\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /lost HTTP/1.1\r\nHost: a\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc',
  'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
];

const RESPONSES = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n',
  'HTTP/1.1 200 OK\r\nServer: x\r\n\r\nuntil the end',
  'HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nold',
  'HTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\nETag: "x"\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  'HTTP/1.1 500\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n',
];

/** What mutations start from: plain messages, and the attack cases. */
export function corpus(): { readonly requests: readonly string[]; readonly responses: readonly string[] } {
  const cases = readCases(join(packageRoot, 'test/attacks/cases.json'));
  const texts = (responses: boolean): string[] =>
    cases
      .filter((attack) => isResponseCase(attack) === responses)
      .map((attack) => Buffer.from(attack.raw_base64, 'base64').toString('latin1'))
      .filter((text) => text !== '' && text.length <= LONGEST);
  return { requests: [...REQUESTS, ...texts(false)], responses: [...RESPONSES, ...texts(true)] };
}
