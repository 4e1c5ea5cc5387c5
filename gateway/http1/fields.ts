import { COLON, CR, LF, SPACE, TAB, TOKEN, VALUE } from './bytes.ts';
import { kindOf } from './field-names.ts';

export const MAX_FIELDS = 100;

/** What `Fields.scan` found instead of the end of the section. */
export const INCOMPLETE = -1;
export const MALFORMED = -2;
export const TOO_MANY = -3;

/**
 * The field lines of one head, as offsets into its text. One instance serves all connections of a side: it holds the
 * head that was scanned last. Nothing is copied; a field is known by its number, in the order of the lines.
 */
export class Fields {
  /** The text that the offsets are for. */
  head = '';
  count = 0;
  /** Offset of the first field line: after the first line of the head. */
  start = 0;
  /** Kind (field-names.ts) of each field. */
  readonly kinds = new Uint8Array(MAX_FIELDS);
  /** 1: the line is exactly `name: value` CRLF, so that it can be copied as it is. */
  readonly canonical = new Uint8Array(MAX_FIELDS);
  /** Four per field: start of the name, the colon, start and end of the value without white space around it. */
  readonly #at = new Int32Array(MAX_FIELDS * 4);
  /** Kinds that occur, and those that occur more than once, as bits. */
  #seen = 0;
  #repeated = 0;

  /**
   * Reads field lines (RFC 9112 section 5) from `bytes[start, end)` up to and with the empty line. Returns the offset
   * after it, or why there is none; no folding, no white space before the colon, no bare CR or LF. Offsets are from
   * `base`, the start of the head, whose text is to be put into `head` then.
   */
  scan(bytes: Uint8Array, start: number, end: number, base: number): number {
    let count = 0;
    let i = start;
    this.start = start - base;
    this.#seen = 0;
    this.#repeated = 0;
    for (;;) {
      if (i >= end) return INCOMPLETE;
      if (bytes[i] === CR) {
        if (i + 1 >= end) return INCOMPLETE;
        if (bytes[i + 1] !== LF) return MALFORMED;
        this.count = count;
        return i + 2;
      }
      if (count === MAX_FIELDS) return TOO_MANY;
      const name = i;
      let underscore = 0;
      for (let token = 0; i < end && (token = TOKEN[bytes[i] ?? 0] ?? 0) !== 0; i++) underscore |= token & 2;
      if (i === end) return INCOMPLETE;
      if (i === name || bytes[i] !== COLON) return MALFORMED;
      const colon = i++;
      while (i < end && (bytes[i] === SPACE || bytes[i] === TAB)) i++;
      const value = i;
      while (i < end && VALUE[bytes[i] ?? 0] !== 0) i++;
      if (i + 1 >= end && (i === end || bytes[i] === CR)) return INCOMPLETE;
      if (bytes[i] !== CR || bytes[i + 1] !== LF) return MALFORMED;
      const valueEnd = trimmedEnd(bytes, value, i);
      this.canonical[count] = value === colon + 2 && bytes[colon + 1] === SPACE && valueEnd === i ? 1 : 0;
      this.#note(count, kindOf(bytes, name, colon, underscore !== 0));
      this.#place(count++, name - base, colon - base, value - base, valueEnd - base);
      i += 2;
    }
  }

  #note(i: number, kind: number): void {
    const bit = 1 << kind;
    this.#repeated |= this.#seen & bit;
    this.#seen |= bit;
    this.kinds[i] = kind;
  }

  #place(i: number, name: number, colon: number, value: number, valueEnd: number): void {
    const at = this.#at;
    const slot = i * 4;
    at[slot] = name;
    at[slot + 1] = colon;
    at[slot + 2] = value;
    at[slot + 3] = valueEnd;
  }

  /** Whether a field of that kind occurs. */
  has(kind: number): boolean {
    return (this.#seen & (1 << kind)) !== 0;
  }

  /** Whether fields of that kind occur more than once. */
  repeats(kind: number): boolean {
    return (this.#repeated & (1 << kind)) !== 0;
  }

  nameStart(i: number): number {
    return this.#at[i * 4] ?? 0;
  }

  nameEnd(i: number): number {
    return this.#at[i * 4 + 1] ?? 0;
  }

  /** The value without white space around it. */
  value(i: number): string {
    return this.head.slice(this.#at[i * 4 + 2], this.#at[i * 4 + 3]);
  }

  lowerName(i: number): string {
    return this.head.slice(this.nameStart(i), this.nameEnd(i)).toLowerCase();
  }

  /** Offset after the CRLF of the field's line. */
  lineEnd(i: number): number {
    return i + 1 < this.count ? this.nameStart(i + 1) : this.head.length;
  }

  /** First field of a kind; -1: none. */
  find(kind: number): number {
    if (!this.has(kind)) return -1;
    for (let i = 0; i < this.count; i++) if (this.kinds[i] === kind) return i;
    return -1;
  }

  /** First field of that lower-case name, from number `from` on; -1: none. */
  named(name: string, from: number): number {
    for (let i = from; i < this.count; i++) {
      if (this.nameEnd(i) - this.nameStart(i) === name.length && this.lowerName(i) === name) return i;
    }
    return -1;
  }

  /** Values of all fields of a kind as one list (RFC 9110 section 5.3); null: none. */
  combined(kind: number): string | null {
    if (!this.has(kind)) return null;
    let list: string | null = null;
    for (let i = 0; i < this.count; i++) {
      if (this.kinds[i] === kind) list = list === null ? this.value(i) : `${list}, ${this.value(i)}`;
    }
    return list;
  }

  /** Marks every field of that lower-case name as one of kind `as`. */
  mark(name: string, as: number): void {
    for (let i = this.named(name, 0); i !== -1; i = this.named(name, i + 1)) this.kinds[i] = as;
  }
}

function trimmedEnd(bytes: Uint8Array, start: number, end: number): number {
  while (end > start && (bytes[end - 1] === SPACE || bytes[end - 1] === TAB)) end--;
  return end;
}
