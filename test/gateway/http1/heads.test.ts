import { expect, test } from 'vitest';
import { CHUNKED, NO_FRAMING } from '../../../gateway/http1/framing.ts';
import { RequestHead } from '../../../gateway/http1/request-head.ts';
import { ResponseHead } from '../../../gateway/http1/response-head.ts';
import { plainRules } from './support/engine.ts';

const head = new RequestHead(() => plainRules);

/** The error of a request head, or null when it is accepted. */
function errorOf(text: string): string | null {
  const bytes = Buffer.from(text, 'latin1');
  const next = head.read(bytes, 0, bytes.length, 16_384);
  if (next === 0) return 'incomplete';
  return next < 0 ? head.error : null;
}

const get = (fields: string): string => `GET / HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;

test.each([
  ['GET  / HTTP/1.1\r\nHost: a\r\n\r\n', 'bad_request'],
  [' GET / HTTP/1.1\r\nHost: a\r\n\r\n', 'bad_request'],
  ['GET /  HTTP/1.1\r\nHost: a\r\n\r\n', 'bad_request'],
  ['GET / HTTP/1.1 \r\nHost: a\r\n\r\n', 'bad_request'],
  ['GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n', 'bad_request'],
  ['GET /\r\n', 'bad_request'],
  ['GET / HTTP/1.1\nHost: a\n\n', 'bad_request'],
  ['GET / http/1.1\r\nHost: a\r\n\r\n', 'bad_request'],
  ['GET / HTTP/1.10\r\nHost: a\r\n\r\n', 'bad_request'],
  ['GET / HTTP/1.2\r\nHost: a\r\n\r\n', 'http_version_not_supported'],
  ['GET / HTTP/2.0\r\nHost: a\r\n\r\n', 'http_version_not_supported'],
  ['GET / HTTP/0.9\r\nHost: a\r\n\r\n', 'http_version_not_supported'],
  ['get / HTTP/1.1\r\nHost: a\r\n\r\n', 'not_implemented'],
  ['BREW / HTTP/1.1\r\nHost: a\r\n\r\n', 'not_implemented'],
  ['G(T / HTTP/1.1\r\nHost: a\r\n\r\n', 'bad_request'],
  ['CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n', 'method_not_allowed'],
  ['TRACE / HTTP/1.1\r\nHost: a\r\n\r\n', 'method_not_allowed'],
  ['GET * HTTP/1.1\r\nHost: a\r\n\r\n', 'bad_request'],
  ['OPTIONS */ HTTP/1.1\r\nHost: a\r\n\r\n', 'bad_request'],
  ['OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', null],
  ['GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n', 'bad_request'],
  ['GET a HTTP/1.1\r\nHost: a\r\n\r\n', 'bad_request'],
  ['GET /# HTTP/1.1\r\nHost: a\r\n\r\n', 'bad_request'],
  ['GET /\\ HTTP/1.1\r\nHost: a\r\n\r\n', 'bad_request'],
  ['GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n', 'bad_request'],
  ['GET /\xe9 HTTP/1.1\r\nHost: a\r\n\r\n', 'bad_request'],
  ['GET /?a#b HTTP/1.1\r\nHost: a\r\n\r\n', 'bad_request'],
  ['GET http://a/x HTTP/1.1\r\nHost: a\r\n\r\n', null],
  ['GET http://b/x HTTP/1.1\r\nHost: a\r\n\r\n', 'bad_request'],
  ['GET http://u@a/x HTTP/1.1\r\nHost: a\r\n\r\n', 'bad_request'],
  ['GET ftp://a/x HTTP/1.1\r\nHost: a\r\n\r\n', 'bad_request'],
  ['GET http:/a/x HTTP/1.1\r\nHost: a\r\n\r\n', 'bad_request'],
  ['GET https://a:443/x HTTP/1.1\r\nHost: a\r\n\r\n', null],
  ['\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n', null],
  ['\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n', 'bad_request'],
  ['\nGET / HTTP/1.1\r\nHost: a\r\n\r\n', 'bad_request'],
])('the request line of %j: %s', (text, error) => {
  expect(errorOf(text)).toBe(error);
});

test.each([
  ['X: y\r\n', null],
  ['X : y\r\n', 'bad_request'],
  ['X y\r\n', 'bad_request'],
  [': y\r\n', 'bad_request'],
  [' X: y\r\n', 'bad_request'],
  ['X: y\r\n z\r\n', 'bad_request'],
  ['X: y\n', 'bad_request'],
  ['X: y\rz\r\n', 'bad_request'],
  ['X: \0\r\n', 'bad_request'],
  ['X: \x7f\r\n', 'bad_request'],
  ['X: \xff\t"\r\n', null],
  ['X\xe9: y\r\n', 'bad_request'],
  ['Host: a\r\n', 'bad_request'],
  ['Host: b\r\n', 'bad_request'],
  ['HOST: \r\n', 'bad_request'],
  ['Content-Length: 5\r\n', null],
  ['Content-Length: 5\r\ncontent-length: 05\r\n', null],
  ['Content-Length: 5\r\nContent-Length: 6\r\n', 'bad_request'],
  ['Content-Length: 5, 5\r\n', 'bad_request'],
  ['Content-Length: +5\r\n', 'bad_request'],
  ['Content-Length: 0x5\r\n', 'bad_request'],
  ['Content-Length: 5 5\r\n', 'bad_request'],
  ['Content-Length:\r\n', 'bad_request'],
  ['Content-Length: 1234567890123456\r\n', 'bad_request'],
  ['Transfer-Encoding: chunked\r\n', null],
  ['Transfer-Encoding: \t CHUNKED \t\r\n', null],
  ['Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', 'bad_request'],
  ['Content-Length: 0\r\nTransfer-Encoding: chunked\r\n', 'bad_request'],
  ['Transfer-Encoding: chunked, chunked\r\n', 'not_implemented'],
  ['Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', 'not_implemented'],
  ['Transfer-Encoding: gzip, chunked\r\n', 'not_implemented'],
  ['Transfer-Encoding: identity\r\n', 'not_implemented'],
  ['Transfer-Encoding: chunked;a=b\r\n', 'bad_request'],
  ['Transfer-Encoding:\r\n', 'bad_request'],
  ['Transfer-Encoding: ,chunked\r\n', 'bad_request'],
  ['Transfer-Encoding: \xa0chunked\r\n', 'bad_request'],
  ['Expect: 100-Continue\r\n', null],
  ['Expect: 100-continue, x\r\n', 'expectation_failed'],
  ['Expect:\r\n', 'expectation_failed'],
])('the fields %j: %s', (fields, error) => {
  expect(errorOf(get(fields))).toBe(error);
});

test.each([
  ['GET / HTTP/1.1\r\n\r\n', 'bad_request'],
  ['GET / HTTP/1.0\r\n\r\n', null],
  ['GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n', 'bad_request'],
  ['GET / HTTP/1.0\r\nTransfer-Encoding: gzip\r\n\r\n', 'bad_request'],
])('%j: %s', (text, error) => {
  expect(errorOf(text)).toBe(error);
});

test('every head that is cut off is incomplete, not refused', () => {
  const text = get('X: y\r\nContent-Length: 5\r\nConnection: close\r\n');
  for (let length = 1; length < text.length; length++) expect(errorOf(text.slice(0, length))).toBe('incomplete');
});

test('what was read of a head', () => {
  expect(
    errorOf(
      'POST /a%2Db?c=%20 HTTP/1.1\r\nHost: API.test:80\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n',
    ),
  ).toBeNull();
  expect(head).toMatchObject({
    method: 'POST',
    path: '/a-b',
    query: 'c=%20',
    host: 'api.test',
    keepAlive: false,
    framing: CHUNKED,
  });
  expect(errorOf(get(''))).toBeNull();
  expect(head).toMatchObject({ method: 'GET', path: '/', query: '', host: 'a', keepAlive: true, framing: NO_FRAMING });
  expect(errorOf('GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n')).toBeNull();
  expect(head).toMatchObject({ host: '', keepAlive: true, minor: 0 });
});

test.each([
  ['HTTP/1.1 200 OK\r\n\r\n', 200, 'OK'],
  ['HTTP/1.1 599 \r\n\r\n', 599, ''],
  ['HTTP/1.0 404\r\n\r\n', 404, ''],
  ['HTTP/1.1 200 caf\xe9 \t x\r\n\r\n', 200, 'caf\xe9 \t x'],
])('the status line of %j', (text, status, reason) => {
  const response = new ResponseHead();
  const bytes = Buffer.from(text, 'latin1');
  expect(response.read(bytes, 0, bytes.length)).toBe(bytes.length);
  expect(response).toMatchObject({ status, reason });
});

test.each([
  'HTTP/1.1 099 Odd\r\n\r\n',
  'HTTP/1.1 600 Odd\r\n\r\n',
  'HTTP/1.1 2000 OK\r\n\r\n',
  'HTTP/1.1 20 OK\r\n\r\n',
  'HTTP/1.1  200 OK\r\n\r\n',
  'HTTP/1.2 200 OK\r\n\r\n',
  'HTTP/2 200 OK\r\n\r\n',
  'http/1.1 200 OK\r\n\r\n',
  ' HTTP/1.1 200 OK\r\n\r\n',
  'HTTP/1.1 200\tOK\r\n\r\n',
  'HTTP/1.1 200 OK\n\n',
  'HTTP/1.1 200 O\rK\r\n\r\n',
  'HTTP/1.1 200 O\0K\r\n\r\n',
  'HTTP/1.1 200 OK\r\nX : y\r\n\r\n',
  '<html>',
  'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n',
  'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n',
  'HTTP/1.1 200 OK\r\nConnection: content-length\r\nContent-Length: 1\r\n\r\n',
  'HTTP/1.1 200 OK\r\nConnection: "x"\r\n\r\n',
])('the response %j is invalid', (text) => {
  const bytes = Buffer.from(text, 'latin1');
  expect(new ResponseHead().read(bytes, 0, bytes.length)).toBe(-1);
});
