import { describe, expect, it } from 'vitest';
import { UsageTable } from '../../../gateway/rules/intern.ts';
import type { MappingRules } from '../../../gateway/rules/usage.ts';
import { amounts, compiled, rule } from './rules.ts';

/** CPU time of a match, µs; the least of several runs. */
function cost(rules: MappingRules, path: string): number {
  const runs = Array.from({ length: 12 }, () => {
    const before = process.cpuUsage();
    for (let i = 0; i < 10; i++) rules.match('GET', path, '', null);
    const used = process.cpuUsage(before);
    return used.user + used.system;
  });
  return Math.min(...runs);
}

describe('cost', () => {
  it.each([
    ['placeholders', compiled(rule('/{a}.{b}.{c}.{d}$'))],
    ['nested repeats', compiled(rule('/(a*)*(a*)*(a*)*$', { regex: true }))],
    ['alternatives that overlap', compiled(rule('/(a|aa|aaa|a*)+b$', { regex: true }))],
    ['escapes everywhere', compiled(rule('/{x}%21$'))],
  ])('a path of 100,000 characters costs ten times one of 10,000: %s', (name, rules) => {
    const piece = name === 'escapes everywhere' ? '%41' : 'a';
    const short = `/${piece.repeat(10_000 / piece.length)}!`;
    const long = `/${piece.repeat(100_000 / piece.length)}!`;
    cost(rules, short);
    expect(cost(rules, long) / cost(rules, short)).toBeLessThan(30);
  });

  it('a pattern with exponentially many states takes bounded memory and stays right', () => {
    const rules = compiled(rule(`/(a|b)*a${'(a|b)'.repeat(14)}$`, { regex: true }));
    let seed = 1;
    for (let round = 0; round < 300; round++) {
      const letters = Array.from({ length: 40 }, () => {
        seed = (seed * 48_271) % 2_147_483_647;
        return seed % 2 === 0 ? 'a' : 'b';
      });
      const expected = letters.at(-15) === 'a' ? { hits: 1 } : null;
      expect(amounts(rules.match('GET', `/${letters.join('')}`, '', null))).toEqual(expected);
    }
  });

  it('more usages than can be kept are a fault, not unbounded memory', () => {
    const table = new UsageTable();
    for (let delta = 1; delta <= 65_536; delta++) table.of([rule('/', { delta })]);
    expect(table.of([rule('/', { delta: 5 })])).toBe(table.of([rule('/', { delta: 5 })]));
    expect(() => table.of([rule('/', { delta: 65_537 })])).toThrow(/combine into more than 65536 usages/);
  });
});
