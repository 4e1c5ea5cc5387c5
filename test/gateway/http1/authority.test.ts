import { expect, test } from 'vitest';
import { hostOf, sameAuthority } from '../../../gateway/http1/authority.ts';

test.each([
  ['api.test', 'api.test'],
  ['API.Test:8080', 'api.test'],
  ['api.test.', 'api.test.'],
  ['a_b-c.test:1', 'a_b-c.test'],
  ['127.0.0.1:65535', '127.0.0.1'],
  ['[::1]', '[::1]'],
  ['[2001:DB8::1]:443', '[2001:db8::1]'],
])('%s is the host %s', (authority, host) => {
  expect(hostOf(authority)).toBe(host);
});

test.each([
  '',
  ':80',
  'a:',
  'a:0',
  'a:65536',
  'a:123456',
  'a:+1',
  'a:8a',
  'a b',
  'a/b',
  'a?b',
  'a#b',
  'a@b',
  'u:p@b',
  'a,b',
  'a%2eb',
  'a\tb',
  '[::1',
  '::1',
  '[::1]x',
  '[::1]:',
  '[zz::1]',
  '[1]',
  '[]',
  'a:1:2',
  'caf\xe9',
  'a'.repeat(256),
  "a'b",
  'a"b',
])('%j is refused', (authority) => {
  expect(hostOf(authority)).toBeNull();
});

test('authorities are the same without the port of their scheme', () => {
  expect(sameAuthority('A.test:80', 'a.TEST', 'http')).toBe(true);
  expect(sameAuthority('a.test:443', 'a.test', 'https')).toBe(true);
  expect(sameAuthority('a.test:80', 'a.test', 'https')).toBe(false);
  expect(sameAuthority('a.test:81', 'a.test', 'http')).toBe(false);
  expect(sameAuthority('a.test', 'b.test', 'http')).toBe(false);
});
