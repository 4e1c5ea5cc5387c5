import { expect, it } from 'vitest';
import { matchesFilter } from '../../../backend/domain/referrer.ts';

it.each([
  ['*.example.org', '.example.org'],
  ['*.example.org', 'http://x.example.org'],
  ['example.org', 'example.org'],
  ['a*b*c', 'a--b--b--c'],
  ['*', ''],
  ['a.c', 'a.c'],
  ['[x]+', '[x]+'],
  ['a\nb*', 'a\nbc'],
])('%j matches %j', (filter, text) => {
  expect(matchesFilter(filter, text)).toBe(true);
});

it.each([
  ['*.example.org', 'example.org'],
  ['example.org', 'www.example.org'],
  ['example.org', 'Example.org'],
  ['a.c', 'abc'],
  ['a*', 'a\nb'],
  ['a*b', 'a\nb'],
  ['', 'x'],
])('%j does not match %j', (filter, text) => {
  expect(matchesFilter(filter, text)).toBe(false);
});

it('takes no longer for a filter made to be slow', () => {
  expect(matchesFilter('*a'.repeat(500), 'a'.repeat(5_000) + 'b')).toBe(false);
});
