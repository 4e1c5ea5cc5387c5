import { XMLParser } from 'fast-xml-parser';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseXml, type Element } from '../../../gateway/backend-client/xml.ts';

test('reads elements, attributes, text and entities', () => {
  const parsed = parseXml(
    '<?xml version="1.0" encoding="UTF-8"?><status a="x &amp; y"><plan>&lt;gold&gt; &#x1f511;&#65;</plan><empty/></status>\n',
  );
  expect(parsed?.name).toBe('status');
  expect(parsed?.attributes.get('a')).toBe('x & y');
  expect(parsed?.children.map(({ name, text }) => [name, text])).toEqual([
    ['plan', '<gold> \u{1f511}A'],
    ['empty', ''],
  ]);
});

test.each([
  ['nothing', ''],
  ['text', 'ok'],
  ['an open element', '<a>'],
  ['crossed tags', '<a><b></a></b>'],
  ['two documents', '<a/><b/>'],
  ['text after the document', '<a/>x'],
  ['a bare ampersand', '<a>b & c</a>'],
  ['an unknown entity', '<a>&nbsp;</a>'],
  ['an entity of a prototype', '<a>&constructor;</a>'],
  ['a character that cannot be', '<a>&#0;</a>'],
  ['a surrogate', '<a>&#xd800;</a>'],
  ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
  ['a comment', '<a><!-- b --></a>'],
  ['a CDATA section', '<a><![CDATA[b]]></a>'],
  ['a processing instruction', '<a><?b c?></a>'],
  ['an attribute without quotes', '<a b=c/>'],
  ['an attribute twice', '<a b="c" b="d"/>'],
  ['a less-than in an attribute', '<a b="<"/>'],
  ['deep nesting', '<a>'.repeat(12) + '</a>'.repeat(12)],
  ['very many elements', `<a>${'<b/>'.repeat(20_001)}</a>`],
])('%s is no document', (_name, text) => {
  expect(parseXml(text)).toBeNull();
});

const NAME = fc.stringMatching(/^[a-z][a-z_]{0,8}$/);
const TEXT = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .filter((text) => !/[\r\0-\x08\x0b\x0c\x0e-\x1f]/.test(text));

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

test('what another writer escaped is read back, as another reader reads it', () => {
  const other = new XMLParser({
    ignoreAttributes: false,
    trimValues: false,
    parseTagValue: false,
    parseAttributeValue: false,
  });
  fc.assert(
    fc.property(NAME, NAME, TEXT, TEXT, (name, attribute, value, text) => {
      const document = `<${name} ${attribute}="${escape(value)}">${escape(text)}</${name}>`;
      const element: Element | null = parseXml(document);
      expect(element).toMatchObject({ name, text });
      expect(element?.attributes.get(attribute)).toBe(value);
      const read: unknown = other.parse(document);
      if (text.trim() !== '') expect(read).toHaveProperty([name, '#text'], text);
    }),
  );
});

test('any bytes are read or refused in linear time', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('<', '>', '/', '&', ';', '"', '=', 'a', ' ', '?', '!'), maxLength: 200 }),
      (text) => {
        const element = parseXml(text);
        expect(element === null || element.name !== '').toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
});
