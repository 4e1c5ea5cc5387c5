const PLAIN = /^[A-Za-z0-9\-._~]*$/;
const HEX = Array.from({ length: 256 }, (_, byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`);

/** Percent-encodes every byte of the UTF-8 form but unreserved characters (RFC 3986 section 2.3). A lone surrogate becomes U+FFFD. */
export function encode(text: string): string {
  if (PLAIN.test(text)) return text;
  let encoded = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const character = String.fromCharCode(byte);
    encoded += byte < 0x80 && PLAIN.test(character) ? character : HEX[byte];
  }
  return encoded;
}

/** Builds a query string or form body, pair by pair. */
export class Form {
  #text = '';

  /** `name` as it stands in the contract, brackets included. */
  add(name: string, value: string): this {
    this.#text += `${this.#text === '' ? '' : '&'}${encode(name)}=${encode(value)}`;
    return this;
  }

  get length(): number {
    return this.#text.length;
  }

  toString(): string {
    return this.#text;
  }
}
