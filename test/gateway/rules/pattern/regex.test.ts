import { describe, expect, it } from 'vitest';
import { compileRules } from '../../../../gateway/rules/compile.ts';
import { PatternError } from '../../../../gateway/rules/pattern/syntax.ts';
import { rule } from '../rules.ts';

function matches(pattern: string, path: string): boolean {
  return compileRules([rule(pattern, { regex: true })], { mergeSlashes: true }).match('GET', path, '', null) !== null;
}

describe('regex: true', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['/a|/b', ['/a', '/b1'], ['/c']],
    ['/v(1|2)/x$', ['/v1/x', '/v2/x'], ['/v3/x', '/v1/xx']],
    ['/[a-c]+$', ['/abc'], ['/abd', '/']],
    ['/[^a-c/]$', ['/x'], ['/a', '//']],
    ['/[]a]$', ['/a'], ['/b']],
    [String.raw`/\d+$`, ['/123'], ['/12a']],
    [String.raw`/\w\W$`, ['/a-'], ['/-a']],
    [String.raw`/[\d-]+$`, ['/1-2'], ['/a']],
    [String.raw`/\*$`, ['/*'], ['/a']],
    ['/a.b$', ['/a.b'], ['/axb']],
    ['/(ab)+$', ['/abab'], ['/aba']],
    ['/%20+$', ['/%20%20'], ['/%200']],
    ['/é*$', ['/%C3%A9%C3%A9', '/'], ['/e']],
    ['/{id}/x', ['/1/x'], ['//x', '/a/b/x']],
    ['/(a$|b)c', ['/bc'], ['/ac']],
    ['/x?$', ['/', '/x'], ['/xx']],
    ['/(?:a|b)$', ['/a'], ['/c']],
    ['/()a', ['/a'], ['/b']],
  ])('%s', (pattern, yes, no) => {
    for (const path of yes) expect([path, matches(pattern, path)]).toEqual([path, true]);
    for (const path of no) expect([path, matches(pattern, path)]).toEqual([path, false]);
  });

  it.each([
    'a',
    '/(',
    '/)',
    '/[a',
    '/[c-a]',
    '/(*a)',
    '/a**',
    '/a+?',
    '/^a',
    '/(?=a)',
    '/(?<n>a)',
    String.raw`/(a)\1`,
    String.raw`/\b`,
    '/a{',
    '/[é]',
    '/\\',
    `/${'a'.repeat(2048)}`,
  ])('%j is refused', (pattern) => expect(() => matches(pattern, '/')).toThrow(PatternError));
});
