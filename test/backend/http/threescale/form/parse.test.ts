import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  FormSyntaxError,
  MAX_DEPTH,
  MAX_FORM_BYTES,
  MAX_PARAMETERS,
} from '../../../../../backend/http/threescale/form/form.ts';
import type { FormValue } from '../../../../../backend/http/threescale/form/form.ts';
import { createFormParser } from '../../../../../backend/http/threescale/form/parse.ts';

const parse = createFormParser();

/** The form as nested objects and lists. */
function read(text: string): unknown {
  return plain(parse(Buffer.from(text, 'utf8').toString('latin1')).values);
}

function plain(value: FormValue): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, inner]) => [name, plain(inner)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

it.each([
  ['a=1&b=2', { a: '1', b: '2' }],
  ['a=1&a=2', { a: '2' }],
  ['a', { a: null }],
  ['a=', { a: '' }],
  ['a=b=c', { a: 'b=c' }],
  ['a=x+y%20z', { a: 'x y z' }],
  ['&&a=1&& b=2', { a: '1', b: '2' }],
  ['usage[hits]=1', { usage: { hits: '1' } }],
  ['usage%5Bhits%5D=1', { usage: { hits: '1' } }],
  ['[usage][hits]=1', { usage: { hits: '1' } }],
  [
    'transactions[0][usage][hits]=1&transactions[0][app_id]=a',
    { transactions: { 0: { usage: { hits: '1' }, app_id: 'a' } } },
  ],
  ['a[]=1&a[]=2', { a: ['1', '2'] }],
  ['a[][x]=1&a[][y]=2&a[][x]=3', { a: [{ x: '1', y: '2' }, { x: '3' }] }],
  ['a[b', { a: { '[b': null } }],
  ['ü=ö', { ü: 'ö' }],
  ['%C3%BC=%C3%B6', { ü: 'ö' }],
  ['[]=1', {}],
  ['=1', {}],
  ['__proto__[x]=1', { ['__proto__']: { x: '1' } }],
])('reads %s', (text, expected) => {
  expect(JSON.stringify(read(text))).toBe(JSON.stringify(expected));
});

it.each(['a=%', 'a=%2', '%zz=1', 'a=1&a[b]=2', 'a[]=1&a[b]=2', 'a[b]=1&a[]=2', `a${'[b]'.repeat(MAX_DEPTH)}=1`])(
  'refuses %s',
  (text) => {
    expect(() => read(text)).toThrow(FormSyntaxError);
  },
);

it('says when something is not UTF-8, in a name or a value, and reads the rest', () => {
  expect(parse('a=1&b=%F0%90%28%BC')).toMatchObject({ invalidEncoding: true });
  expect(parse('a=1&%ff[x]=1')).toMatchObject({ invalidEncoding: true });
  expect(parse('a=\xff')).toMatchObject({ invalidEncoding: true });
  expect(parse('b=%ff&a=1').values.get('a')).toBe('1');
});

it('takes as many parameters and bytes as the contract does, and no more', () => {
  const parameters = (count: number) => Array.from({ length: count }, (_, i) => `p${i}=1`).join('&');
  expect(parse(parameters(MAX_PARAMETERS)).values.size).toBe(MAX_PARAMETERS);
  expect(() => parse(parameters(MAX_PARAMETERS + 1))).toThrow(FormSyntaxError);
  expect(parse(`a=${'x'.repeat(MAX_FORM_BYTES - 2)}`).values.size).toBe(1);
  expect(() => parse(`a=${'x'.repeat(MAX_FORM_BYTES - 1)}`)).toThrow(FormSyntaxError);
});

it('reads every text or refuses it, whatever it holds', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'b', '[', ']', '=', '&', '%', '+', '0', 'f', '\u00ff', ' ') }),
      (text) => {
        try {
          expect(parse(text).values).toBeInstanceOf(Map);
        } catch (error) {
          expect(error).toBeInstanceOf(FormSyntaxError);
        }
      },
    ),
  );
});

it('gives back what a client encoded', () => {
  const name = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !/[[\]]/.test(text));
  fc.assert(
    fc.property(fc.dictionary(name, fc.string({ unit: 'grapheme' })), (form) => {
      const encoded = Object.entries(form).map(
        ([key, value]) => `f[${encodeURIComponent(key)}]=${encodeURIComponent(value)}`,
      );
      const { values } = parse(encoded.join('&'));
      const inner = values.get('f') ?? new Map<string, FormValue>();
      expect(inner).toEqual(new Map(Object.entries(form)));
    }),
  );
});
