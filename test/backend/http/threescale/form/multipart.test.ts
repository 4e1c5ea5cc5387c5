import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FormSyntaxError } from '../../../../../backend/http/threescale/form/form.ts';
import { boundaryOf, parseMultipart } from '../../../../../backend/http/threescale/form/multipart.ts';

function bodyOf(parts: readonly string[], boundary = 'b'): Buffer {
  return Buffer.from(`${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`);
}

it('reads fields into the same shape as a URL-encoded form', () => {
  const body = bodyOf([
    'Content-Disposition: form-data; name="provider_key"\r\n\r\npk',
    'content-disposition: form-data; name="transactions[0][usage][hits]"\r\ncontent-type: text/plain\r\n\r\n2',
  ]);
  const { values } = parseMultipart(body, 'b');
  expect(values.get('provider_key')).toBe('pk');
  expect(values.get('transactions')).toEqual(new Map([['0', new Map([['usage', new Map([['hits', '2']])]])]]));
});

it('keeps line ends inside of a value', () => {
  const { values } = parseMultipart(bodyOf(['Content-Disposition: form-data; name="a"\r\n\r\none\r\ntwo']), 'b');
  expect(values.get('a')).toBe('one\r\ntwo');
});

it.each([
  ['multipart/form-data; boundary=abc', 'abc'],
  ['multipart/form-data; charset=UTF-8; boundary="a b"', 'a b'],
  ['multipart/form-data', null],
])('finds the boundary of %s', (type, boundary) => {
  expect(boundaryOf(type)).toBe(boundary);
});

it.each(['--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1', '--b\r\nno head\r\n--b--'])(
  'refuses a part that does not end: %j',
  (body) => {
    expect(() => parseMultipart(Buffer.from(body), 'b')).toThrow(FormSyntaxError);
  },
);

it('reads every body or refuses it, whatever it holds', () => {
  const piece = fc.constantFrom(
    '--b',
    '--',
    '\r\n',
    'Content-Disposition: form-data; name="a"',
    ';',
    'x',
    '"',
    '[',
    '\xff',
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      try {
        expect(parseMultipart(Buffer.from(pieces.join(''), 'latin1'), 'b').values).toBeInstanceOf(Map);
      } catch (error) {
        expect(error).toBeInstanceOf(FormSyntaxError);
      }
    }),
  );
});
