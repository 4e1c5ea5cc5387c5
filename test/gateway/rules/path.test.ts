import { describe, expect, it } from 'vitest';
import { canonicalPath } from '../../../gateway/rules/path.ts';
import { amounts, compiled, rule } from './rules.ts';

describe('canonicalPath', () => {
  it.each([
    ['/a/b', '/a/b'],
    ['/a%21b', '/a!b'],
    ['/%41', '/A'],
    ['/%c3%a9', '/%C3%A9'],
    ['/é', '/%C3%A9'],
    ['/😀', '/%F0%9F%98%80'],
    ['/a%2fb', '/a%2Fb'],
    ['/%', '/%25'],
    ['/%zz', '/%25zz'],
    ['/{a}', '/%7Ba%7D'],
    ['/%7ba', '/%7Ba'],
    ['/a b', '/a%20b'],
    ['/"<>^`|\\', '/%22%3C%3E%5E%60%7C%5C'],
  ])('of %j is %j', (path, canonical) => expect(canonicalPath(path)).toBe(canonical));

  it('is the same of itself', () => {
    for (const path of ['/a%2Fb', '/%C3%A9', "/!$&'()*+,;=:@", '/%25']) expect(canonicalPath(path)).toBe(path);
  });
});

describe('an escape is no way around a rule', () => {
  const rules = compiled(rule('/v1/'), rule('/v1/paid!x', { metric: 'paid' }));

  it.each(['/v1/paid!x', '/v1/paid%21x', '/v1/p%61id%21x'])('%s is counted as what it is', (path) => {
    expect(amounts(rules.match('GET', path, '', null))).toEqual({ hits: 1, paid: 1 });
  });

  it('in the pattern as well', () => {
    const escaped = compiled(rule('/v1/p%61id%21x$'));
    expect(amounts(escaped.match('GET', '/v1/paid!x', '', null))).toEqual({ hits: 1 });
  });
});

it('an encoded slash is a part of its segment', () => {
  const rules = compiled(rule('/files/{name}$'));
  expect(amounts(rules.match('GET', '/files/a%2Fb', '', null))).toEqual({ hits: 1 });
  expect(rules.match('GET', '/files/a/b', '', null)).toBeNull();
});
