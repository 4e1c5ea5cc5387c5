import type { RequestEdits } from './contract.ts';
import type { Fields } from './fields.ts';

/** Names of fields that a service drops, with a quick answer for most other names. */
export class NameSet {
  readonly #names: ReadonlySet<string>;
  /** Lengths and first letters that occur, as bits. */
  #lengths = 0;
  #letters = 0;

  /** `names`: lower case, `_` as `-`. */
  constructor(names: ReadonlySet<string>) {
    this.#names = names;
    for (const name of names) {
      this.#lengths |= 1 << (name.length & 31);
      this.#letters |= 1 << (name.charCodeAt(0) & 31);
    }
  }

  /** Whether field `i` has one of the names, in any case and with `_` or `-`. */
  hasName(fields: Fields, i: number): boolean {
    const start = fields.nameStart(i);
    const length = fields.nameEnd(i) - start;
    if ((this.#lengths & (1 << (length & 31))) === 0) return false;
    if ((this.#letters & (1 << (fields.head.charCodeAt(start) & 31))) === 0) return false;
    const name = fields.lowerName(i);
    return this.#names.has(name.includes('_') ? name.replaceAll('_', '-') : name);
  }
}

/** The name sets of services' edits, made once for each. */
export class NameSets {
  readonly #sets = new WeakMap<RequestEdits, NameSet>();
  #edits: RequestEdits | null = null;
  #last: NameSet | null = null;

  /** Null: nothing is dropped. */
  of(edits: RequestEdits): NameSet | null {
    if (edits !== this.#edits) {
      this.#edits = edits;
      this.#last = edits.drop.size === 0 ? null : (this.#sets.get(edits) ?? this.#make(edits));
    }
    return this.#last;
  }

  #make(edits: RequestEdits): NameSet {
    const set = new NameSet(edits.drop);
    this.#sets.set(edits, set);
    return set;
  }
}
