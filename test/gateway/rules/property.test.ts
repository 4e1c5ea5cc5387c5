import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRules } from '../../../gateway/rules/compile.ts';
import type { MappingRule } from '../../../gateway/rules/rule.ts';
import { referenceMatch } from './reference-matcher.ts';
import { amounts, rule } from './rules.ts';

/** Small alphabets, so that patterns and paths meet often. */
const piece = fc.constantFrom('a', 'b', 'ab', '/', '//', '.', '$', '%20', '%2e', '%21', '!', '*', '+', '{x}', 'é', '-');
const pathPiece = fc.constantFrom(
  'a',
  'b',
  'ab',
  '/',
  '.',
  '$',
  '%20',
  '%21',
  '!',
  '*',
  '+',
  '-',
  '%C3%A9',
  '%2F',
  '%7B',
);
const regexPiece = fc.constantFrom(
  'a',
  'b',
  '/',
  '.',
  'a*',
  'b+',
  '[ab]',
  '[^a]+',
  '(a|b)',
  '(ab)*',
  '(?:a|/)+',
  '{x}',
  '\\d',
  '$',
  'b?',
  '(a|b|/)*',
  '(a*)*',
);

const query = fc.constantFrom<Record<string, string>>({}, {}, { p: '1' }, { p: '{v}' }, { p: '2', r: '{v}' });
const queryText = fc.constantFrom('', 'p=1', 'p=2&r', 'r=1&p=1', 'p=1&p=2', '%70=1', 'p', 'x=1&p=%31');

const mappingRule: fc.Arbitrary<MappingRule> = fc
  .record({
    pieces: fc.array(piece, { maxLength: 6 }),
    regexPieces: fc.array(regexPiece, { maxLength: 5 }),
    regex: fc.boolean(),
    method: fc.constantFrom('ANY', 'GET', 'POST'),
    metric: fc.constantFrom('hits', 'other', 'third'),
    delta: fc.integer({ min: -2, max: 3 }),
    last: fc.boolean(),
    query,
  })
  .map(({ pieces, regexPieces, regex, ...parts }) =>
    rule(`/${(regex ? regexPieces : pieces).join('')}`, { regex, ...parts }),
  );

const path = fc
  .array(pathPiece, { maxLength: 8 })
  .map((pieces) => `/${pieces.join('').replaceAll(/\/{2,}/g, '/')}`.replace(/^\/\//, '/'));

describe('compiled rules', () => {
  it('match what the slow reference matches', () => {
    fc.assert(
      fc.property(
        fc.array(mappingRule, { maxLength: 8 }),
        fc.array(fc.record({ path, text: queryText, method: fc.constantFrom('GET', 'POST', 'PUT') }), {
          minLength: 1,
          maxLength: 10,
        }),
        (rules, requests) => {
          const compiled = compileRules(rules, { mergeSlashes: true });
          for (const { path, text, method } of requests) {
            const expected = referenceMatch(rules, method, path, text);
            expect(amounts(compiled.match(method, path, text, null))).toEqual(
              expected === null ? null : Object.fromEntries(expected),
            );
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('give one usage object for one sum', () => {
    fc.assert(
      fc.property(fc.array(mappingRule, { maxLength: 6 }), fc.array(path, { maxLength: 20 }), (rules, paths) => {
        const compiled = compileRules(rules, { mergeSlashes: true });
        const byIndex = new Map<number, object>();
        for (const each of paths) {
          const usage = compiled.match('GET', each, 'p=1', null);
          if (usage === null) continue;
          expect(byIndex.get(usage.index) ?? usage).toBe(usage);
          byIndex.set(usage.index, usage);
        }
      }),
      { numRuns: 300 },
    );
  });
});
