import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSaneQuery, normalisePath } from '../../../gateway/http1/path.ts';
import { plainRules } from './support/engine.ts';

const passing = { ...plainRules, encodedSlash: 'pass' as const };
const unmerged = { ...plainRules, mergeSlashes: false };

test.each([
  ['/', '/'],
  ['/a/b', '/a/b'],
  ['/a/b/', '/a/b/'],
  ['//a///b//', '/a/b/'],
  ['/a/./b', '/a/b'],
  ['/a/.', '/a/'],
  ['/a/b/..', '/a/'],
  ['/a/../b', '/b'],
  ['/a/..', '/'],
  ['/a/...', '/a/...'],
  ['/.well-known/x', '/.well-known/x'],
  ['/a;x=1/b', '/a;x=1/b'],
  ['/%41%2D%5f', '/A-_'],
  ['/%c3%a9%3b', '/%C3%A9%3B'],
  ['/%252e%252e/', '/%252e%252e/'],
  ['/a//../b', '/b'],
])('%s becomes %s', (path, normal) => {
  expect(normalisePath(path, plainRules)).toBe(normal);
});

test.each([
  '/..',
  '/a/../..',
  '/%2e%2e/a',
  '/a/%2E',
  '/a/.%2e/b',
  '/a/..;/b',
  '/a/..%3b/b',
  '/a/.;x/b',
  '/a%2fb',
  '/a%2Fb',
  '/a%5cb',
  '/a%00',
  '/a%0d%0a',
  '/a%7f',
  '/a%',
  '/a%4',
  '/a%zz',
  '/%c0%ae%c0%ae/a',
  '/%e0%80%af',
  '/%f0%80%80%af',
  '/%ff',
])('%s is refused', (path) => {
  expect(normalisePath(path, plainRules)).toBeNull();
});

test.each([
  ['/a%2fb', '/a%2Fb'],
  ['/a%2f..b', '/a%2F..b'],
])('with encoded slashes allowed %s becomes %s', (path, normal) => {
  expect(normalisePath(path, passing)).toBe(normal);
});

test.each(['/a%2f..', '/..%2fa', '/a%2f..%2fb', '/a%2f.', '/a%2f..;x%2fb'])(
  'with encoded slashes allowed %s is still refused',
  (path) => {
    expect(normalisePath(path, passing)).toBeNull();
  },
);

test.each([
  ['/a//b', '/a//b'],
  ['/a//', '/a//'],
  ['/a/../b', '/b'],
])('without merging %s becomes %s', (path, normal) => {
  expect(normalisePath(path, unmerged)).toBe(normal);
});

test.each(['//a', '/a//../b', '/a/..//b', '//'])('without merging %s is refused', (path) => {
  expect(normalisePath(path, unmerged)).toBeNull();
});

test('what is normal stays as it is, and holds nothing that a second reading would change', () => {
  const piece = fc.constantFrom(
    'a',
    '.',
    '..',
    '/',
    '//',
    '%2e',
    '%2f',
    '%41',
    ';',
    '%3b',
    '%c3%a9',
    '-',
    '%25',
    '\xe9',
  );
  const rules = fc.constantFrom(plainRules, passing, unmerged);
  const property = fc.property(fc.array(piece, { maxLength: 12 }), rules, (pieces, rule) => {
    const normal = normalisePath(`/${pieces.join('')}`, rule);
    if (normal === null) return;
    expect(normalisePath(normal, rule)).toBe(normal);
    const read = decodeURIComponent(normal);
    expect(read.split('/').some((segment) => /^\.\.?(;|$)/.test(segment))).toBe(false);
  });
  fc.assert(property, { numRuns: 20_000 });
});

test.each(['', 'a=b&c', 'a=%2f%5c%0d%0a', 'a=/../'])('the query %j is sane', (query) => {
  expect(isSaneQuery(query)).toBe(true);
});

test.each(['a=%', 'a=%0', 'a=%zz', 'a=%00'])('the query %j is not', (query) => {
  expect(isSaneQuery(query)).toBe(false);
});
