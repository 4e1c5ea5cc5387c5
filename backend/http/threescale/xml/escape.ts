/** XML 1.0, section 2.2, has no place for most control characters. */
const SPECIAL = /[&<>"\u0000-\u001f\ufffe\uffff]/;
const SPECIAL_ALL = /[&<>"\u0000-\u001f\ufffe\uffff]/g;

/**
 * Text as element content (XML 1.0, section 2.4). A quote stays as it is, as clients of the contract read it. What XML
 * cannot hold at all becomes U+FFFD.
 */
export function escapeText(text: string): string {
  return SPECIAL.test(text) ? text.replace(SPECIAL_ALL, (character) => replacement(character, false)) : text;
}

/** Text as the value of an attribute in double quotes; white space is kept against normalisation (section 3.3.3). */
export function escapeAttribute(text: string): string {
  return SPECIAL.test(text) ? text.replace(SPECIAL_ALL, (character) => replacement(character, true)) : text;
}

function replacement(character: string, attribute: boolean): string {
  switch (character) {
    case '&':
      return '&amp;';
    case '<':
      return '&lt;';
    case '>':
      return '&gt;';
    case '"':
      return attribute ? '&quot;' : '"';
    case '\t':
    case '\n':
      return attribute ? `&#${character.charCodeAt(0)};` : character;
    case '\r':
      return '&#13;';
    default:
      return '\ufffd';
  }
}
