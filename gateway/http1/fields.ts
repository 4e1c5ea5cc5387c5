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
  /** Kind (field-names.ts) of each field; between `scan` and `classify` whether its name has a `_`. */
  readonly kinds = new Uint8Array(MAX_FIELDS);
  /** Four per field: start of the name, the colon, start and end of the value without white space around it. */
  readonly #at = new Int32Array(MAX_FIELDS * 4);

  /**
   * Reads field lines (RFC 9112 section 5) from `bytes[start, end)` up to and with the empty line. Returns the offset
   * after it, or why there is none; no folding, no white space before the colon, no bare CR or LF. Offsets are from
   * `base`, the start of the head.
   */
  scan(bytes: Uint8Array, start: number, end: number, base: number): number {
    const at = this.#at;
    let count = 0;
    let i = start;
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
      const slot = count * 4;
      at[slot] = name - base;
      at[slot + 1] = colon - base;
      at[slot + 2] = value - base;
      at[slot + 3] = trimmedEnd(bytes, value, i) - base;
      this.kinds[count] = underscore;
      count++;
      i += 2;
    }
  }

  /** Takes the text of the head that was scanned, and finds out the kind of each field. */
  classify(head: string): void {
    this.head = head;
    for (let i = 0; i < this.count; i++) {
      this.kinds[i] = kindOf(head, this.nameStart(i), this.nameEnd(i), this.kinds[i] !== 0);
    }
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

  valueLength(i: number): number {
    return (this.#at[i * 4 + 3] ?? 0) - (this.#at[i * 4 + 2] ?? 0);
  }

  lowerName(i: number): string {
    return this.head.slice(this.nameStart(i), this.nameEnd(i)).toLowerCase();
  }

  /** Offset after the CRLF of the field's line. */
  lineEnd(i: number): number {
    return i + 1 < this.count ? this.nameStart(i + 1) : this.head.length;
  }

  /** Whether the line is exactly `name: value` CRLF, so that it can be copied as it is. */
  isCanonical(i: number): boolean {
    const value = this.#at[i * 4 + 2] ?? 0;
    return value === this.nameEnd(i) + 2 && (this.#at[i * 4 + 3] ?? 0) + 2 === this.lineEnd(i) && value > 0
      ? this.head.charCodeAt(value - 1) === SPACE
      : false;
  }

  /** First field of a kind; -1: none. */
  find(kind: number): number {
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
