import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseXml } from '../../../../conformance/xml.ts';
import { errorDocument } from '../../../../../backend/http/threescale/xml/error.ts';
import { escapeAttribute, escapeText } from '../../../../../backend/http/threescale/xml/escape.ts';

/** What XML 1.0 cannot hold is replaced; carriage returns are kept by reference. */
function kept(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
}

const anything = fc.string({
  unit: fc.oneof(
    fc.constantFrom('<', '>', '&', '"', "'", '\t', '\n', '\r', '\0', '\x1f', ']'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
});

it('keeps every text through element and attribute', () => {
  fc.assert(
    fc.property(anything, (text) => {
      const { text: content, attributes } = parseXml(`<a b="${escapeAttribute(text)}">${escapeText(text)}</a>`);
      expect(content).toBe(kept(text));
      expect(attributes['b'] ?? '').toBe(kept(text));
    }),
  );
});

it('writes error documents as clients read them', () => {
  expect(errorDocument('application_not_found', 'application with id="<nope>" was not found')).toBe(
    '<?xml version="1.0" encoding="UTF-8"?><error code="application_not_found">application with id="&lt;nope&gt;" was not found</error>',
  );
});
