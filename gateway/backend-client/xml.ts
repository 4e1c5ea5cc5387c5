/** An element of an answer of the 3scale contract. */
export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly Element[];
  /** Character data directly inside it, entities resolved. */
  readonly text: string;
}

const MAX_DEPTH = 8;
const MAX_ELEMENTS = 20_000;
const DECLARATION = /^<\?xml version="1\.0"(?: encoding="[Uu][Tt][Ff]-8")?\s*\?>\s*/;
const NAME = /[A-Za-z_][A-Za-z0-9_.-]{0,63}/y;
const ATTRIBUTE = /\s+([A-Za-z_][A-Za-z0-9_.-]{0,63})="([^"<]*)"/y;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

interface Building {
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly children: Building[];
  text: string;
}

/**
 * Reads the XML that the 3scale contract uses: elements, attributes in double quotes, text, the five entities and
 * character references. Anything else (DTD, comments, CDATA, processing instructions, unbalanced tags, deep or large
 * documents) is null: such an answer is no answer.
 */
export function parseXml(text: string): Element | null {
  return new Reader(text.replace(DECLARATION, '')).document();
}

class Reader {
  readonly #text: string;
  #at = 0;
  #elements = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Element | null {
    const root: Building = { name: '', attributes: new Map(), children: [], text: '' };
    const open: Building[] = [root];
    while (this.#at < this.#text.length) {
      if (!this.#step(open)) return null;
    }
    const [document, ...more] = root.children;
    if (open.length !== 1 || document === undefined || more.length > 0 || root.text.trim() !== '') return null;
    return document;
  }

  /** One tag or one run of text. False: not acceptable. */
  #step(open: Building[]): boolean {
    const inside = open[open.length - 1];
    if (inside === undefined) return false;
    if (this.#text[this.#at] !== '<') return this.#characters(inside);
    if (this.#text[this.#at + 1] === '/') return this.#endTag(open, inside);
    return this.#startTag(open, inside);
  }

  #characters(inside: Building): boolean {
    const next = this.#text.indexOf('<', this.#at);
    const end = next === -1 ? this.#text.length : next;
    const text = unescape(this.#text.slice(this.#at, end));
    this.#at = end;
    if (text === null) return false;
    inside.text += text;
    return true;
  }

  #endTag(open: Building[], inside: Building): boolean {
    const tag = `</${inside.name}>`;
    if (open.length === 1 || !this.#text.startsWith(tag, this.#at)) return false;
    this.#at += tag.length;
    open.pop();
    return true;
  }

  #startTag(open: Building[], inside: Building): boolean {
    this.#at += 1;
    const name = this.#match(NAME)?.[0];
    this.#elements += 1;
    if (name === undefined || open.length > MAX_DEPTH || this.#elements > MAX_ELEMENTS) return false;
    const element: Building = { name, attributes: new Map(), children: [], text: '' };
    for (let found = this.#match(ATTRIBUTE); found !== null; found = this.#match(ATTRIBUTE)) {
      const value = unescape(found[2] ?? '');
      if (value === null || element.attributes.has(found[1] ?? '')) return false;
      element.attributes.set(found[1] ?? '', value);
    }
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
    const empty = this.#text.startsWith('/>', this.#at);
    if (!empty && this.#text[this.#at] !== '>') return false;
    this.#at += empty ? 2 : 1;
    inside.children.push(element);
    if (!empty) open.push(element);
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#at += found[0].length;
    return found;
  }
}

/** Resolves entities; null when there is one that is not known, or a bare `&`. */
function unescape(text: string): string | null {
  if (!text.includes('&')) return text;
  let valid = true;
  const resolved = text.replace(/&([^;&]{0,10};)?/g, (_, body: string | undefined) => {
    const character = body === undefined ? null : entity(body.slice(0, -1));
    if (character === null) valid = false;
    return character ?? '';
  });
  return valid ? resolved : null;
}

function entity(name: string): string | null {
  const number = /^#(?:([0-9]{1,7})|x([0-9a-fA-F]{1,6}))$/.exec(name);
  if (number === null) return Object.hasOwn(ENTITIES, name) ? (ENTITIES[name] ?? null) : null;
  const code = number[1] === undefined ? Number.parseInt(number[2] ?? '', 16) : Number(number[1]);
  return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : null;
}
