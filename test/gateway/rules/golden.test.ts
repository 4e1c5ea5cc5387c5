import { describe, expect, it } from 'vitest';
import { amounts, compiled, rule } from './rules.ts';

/** The observed behaviour of APIcast's mapping rules (apicast.md section 5), on normalised paths. */
const PATHS: readonly { pattern: string; regex?: boolean; matches: readonly string[]; misses?: readonly string[] }[] = [
  { pattern: '/foo', matches: ['/foo', '/foobar', '/foo/', '/foo/12', '/foo/1'] },
  { pattern: '/foo$', matches: ['/foo'], misses: ['/foo/', '/foobar'] },
  {
    pattern: '/foo/{id}',
    matches: ['/foo/12', '/foo/12/', '/foo/1/2', '/foo/a:b@c', '/foo/%C3%A9'],
    misses: ['/foo/', '/foo'],
  },
  { pattern: '/foo/{id}$', matches: ['/foo/12', '/foo/a%20b'], misses: ['/foo/12/', '/foo/1/2'] },
  { pattern: '/foo.json', matches: ['/foo.json'], misses: ['/fooXjson'] },
  { pattern: '/v/{v}.json', matches: ['/v/1.2.json'], misses: ['/v/.json', '/v/1.2'] },
  { pattern: '//dbl//x', matches: ['/dbl/x'] },
  { pattern: '/Case', matches: ['/Case'], misses: ['/case'] },
  { pattern: '/z*', regex: true, matches: ['/z', '/zzz', '/', '/anything'] },
  { pattern: '/p+', regex: true, matches: ['/ppp', '/p+'] },
  { pattern: '/d{}', matches: [], misses: ['/d{}', '/d%7B%7D', '/d'] },
  { pattern: '/sp%20ace', matches: ['/sp%20ace'], misses: ['/sp', '/space'] },
];

describe('paths', () => {
  for (const { pattern, regex = false, matches, misses = [] } of PATHS) {
    const rules = compiled(rule(pattern, { regex }));
    for (const path of matches)
      it(`${pattern} matches ${path}`, () => expect(amounts(rules.match('GET', path, '', null))).toEqual({ hits: 1 }));
    for (const path of misses)
      it(`${pattern} does not match ${path}`, () => expect(rules.match('GET', path, '', null)).toBeNull());
  }
});

describe('signs of regular expressions are literal without regex: true', () => {
  it('* stands for itself', () => {
    const rules = compiled(rule('/z*'));
    expect(amounts(rules.match('GET', '/z*/1', '', null))).toEqual({ hits: 1 });
    expect(rules.match('GET', '/zzz', '', null)).toBeNull();
  });

  it('+ stands for itself', () => {
    const rules = compiled(rule('/p+'));
    expect(amounts(rules.match('GET', '/p+', '', null))).toEqual({ hits: 1 });
    expect(rules.match('GET', '/ppp', '', null)).toBeNull();
  });
});

describe('parameters', () => {
  const any = compiled(rule('/q', { query: { x: '{x}' } }));
  const one = compiled(rule('/q', { query: { x: '1' } }));

  for (const query of ['x=5', 'x=', 'x', 'y=1&x=2']) {
    it(`x={x} is satisfied by ?${query}`, () =>
      expect(amounts(any.match('GET', '/q', query, null))).toEqual({ hits: 1 }));
  }
  it('x={x} needs the parameter', () => expect(any.match('GET', '/q', 'y=5', null)).toBeNull());
  for (const query of ['x=1', 'x=2&x=1', '%78=%31']) {
    it(`x=1 is satisfied by ?${query}`, () =>
      expect(amounts(one.match('GET', '/q', query, null))).toEqual({ hits: 1 }));
  }
  for (const query of ['x=1&x=2', 'x=12', 'x', 'xx=1', 'x=%']) {
    it(`x=1 is not satisfied by ?${query}`, () => expect(one.match('GET', '/q', query, null)).toBeNull());
  }

  it('a form parameter satisfies a condition', () =>
    expect(amounts(any.match('POST', '/q', '', 'x=3'))).toEqual({ hits: 1 }));
  it('the query still counts beside a form without the parameter', () => {
    expect(amounts(any.match('POST', '/q', 'x=7', 'y=3'))).toEqual({ hits: 1 });
  });
  it('a form parameter wins over the query', () => {
    expect(one.match('POST', '/q', 'x=1', 'x=2')).toBeNull();
    expect(amounts(one.match('POST', '/q', 'x=2', 'x=1'))).toEqual({ hits: 1 });
  });
});

describe('methods', () => {
  it('ANY matches every method', () => {
    const rules = compiled(rule('/any', { method: 'ANY' }));
    for (const method of ['PATCH', 'OPTIONS', 'PURGE'])
      expect(amounts(rules.match(method, '/any', '', null))).toEqual({ hits: 1 });
  });

  it('another method matches only itself, beside ANY', () => {
    const rules = compiled(rule('/', { method: 'POST', metric: 'writes' }), rule('/'));
    expect(amounts(rules.match('POST', '/', '', null))).toEqual({ writes: 1, hits: 1 });
    expect(amounts(rules.match('GET', '/', '', null))).toEqual({ hits: 1 });
    expect(amounts(rules.match('post', '/', '', null))).toEqual({ hits: 1 });
  });
});

describe('sums', () => {
  it('a delta of 0 matches and uses nothing', () => {
    expect(amounts(compiled(rule('/zero', { delta: 0 })).match('GET', '/zero', '', null))).toEqual({});
  });

  it('deltas that cancel out match and use nothing', () => {
    const rules = compiled(rule('/neg'), rule('/neg', { delta: -1 }));
    expect(amounts(rules.match('GET', '/neg', '', null))).toEqual({});
  });

  it('all matching rules of a metric add up', () => {
    const rules = compiled(rule('/sum', { delta: 2 }), rule('/sum/more', { delta: 3 }));
    expect(amounts(rules.match('GET', '/sum/more', '', null))).toEqual({ hits: 5 });
  });

  it('nothing after a last rule counts', () => {
    const rules = compiled(rule('/last', { metric: 'first', last: true }), rule('/las', { metric: 'second' }));
    expect(amounts(rules.match('GET', '/last', '', null))).toEqual({ first: 1 });
    expect(amounts(rules.match('GET', '/las', '', null))).toEqual({ second: 1 });
  });

  it('a last rule whose parameters are missing ends nothing', () => {
    const rules = compiled(
      rule('/l', { metric: 'first', last: true, query: { x: '1' } }),
      rule('/l', { metric: 'second' }),
    );
    expect(amounts(rules.match('GET', '/l', 'x=1', null))).toEqual({ first: 1 });
    expect(amounts(rules.match('GET', '/l', '', null))).toEqual({ second: 1 });
  });
});
