import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MALFORMED, lastValue, nameOctets } from '../../gateway/parameters.ts';

describe('lastValue', () => {
  it.each([
    ['a=1', 'a', '1'],
    ['a=1&a=2', 'a', '2'],
    ['a', 'a', ''],
    ['a=', 'a', ''],
    ['a=b=c', 'a', 'b=c'],
    ['aa=1&ba=2', 'a', null],
    ['&&a=1&', 'a', '1'],
    ['%61=%31', 'a', '1'],
    ['x+y=1+2', 'x y', '1 2'],
    ['a=%C3%A9', 'a', 'é'],
    ['%c3%a9=1', 'é', '1'],
    ['', 'a', null],
    ['a;b=1', 'b', null],
    ['__proto__=1', '__proto__', '1'],
    ['a=1', '__proto__', null],
  ])('of %j %j is %j', (text, name, value) => {
    expect(lastValue(text, nameOctets(name))).toBe(value);
  });

  it.each(['a=%', 'a=%4', 'a=%zz', 'a=%ff', 'a=%C3', 'a=%E0%80%AF'])('of %j is malformed', (text) => {
    expect(lastValue(text, 'a')).toBe(MALFORMED);
  });

  it('agrees with URLSearchParams on everything that is valid', () => {
    const piece = fc.constantFrom('a', 'b', 'ab', '=', '&', '%61', '%C3%A9', '+', '%3D', '%26', '1', '%2B', '%20');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.constantFrom('a', 'b', 'ab', 'é', 'a b'), (pieces, name) => {
        const text = pieces.join('');
        expect(lastValue(text, nameOctets(name))).toBe(new URLSearchParams(text).getAll(name).at(-1) ?? null);
      }),
      { numRuns: 2000 },
    );
  });
});
