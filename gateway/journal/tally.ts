/** First size of the tables, a power of two, and the size beyond which a tally is full. */
const FIRST_CAPACITY = 256;
const MAX_CAPACITY = 1 << 18;

/**
 * Sums amounts by (type, owner, metric, minute, number) in typed arrays that are reused: what many requests of one tick
 * have in common becomes one entry of the journal. `metric` is the status for codes.
 */
export class Tally {
  count = 0;
  types = new Uint8Array(FIRST_CAPACITY);
  owners = new Uint32Array(FIRST_CAPACITY);
  metrics = new Uint32Array(FIRST_CAPACITY);
  minutes = new Uint32Array(FIRST_CAPACITY);
  numbers = new Float64Array(FIRST_CAPACITY);
  uses = new Float64Array(FIRST_CAPACITY);
  takes = new Float64Array(FIRST_CAPACITY);
  /** Open addressing: slot → entry + 1. */
  #slots = new Uint32Array(FIRST_CAPACITY * 2);
  #slotOf = new Uint32Array(FIRST_CAPACITY);

  /** False when the tally is full: the amount was not taken. */
  add(type: number, owner: number, metric: number, minute: number, number: number, use: number, take: number): boolean {
    const mask = this.#slots.length - 1;
    let slot = hash(type, owner, metric, minute, number) & mask;
    for (let entry = this.#slots[slot] ?? 0; entry !== 0; entry = this.#slots[slot] ?? 0) {
      const at = entry - 1;
      if (
        this.owners[at] === owner &&
        this.metrics[at] === metric &&
        this.minutes[at] === minute &&
        this.numbers[at] === number &&
        this.types[at] === type
      ) {
        this.uses[at] = (this.uses[at] ?? 0) + use;
        this.takes[at] = (this.takes[at] ?? 0) + take;
        return true;
      }
      slot = (slot + 1) & mask;
    }
    if (this.count === this.types.length) {
      if (this.count === MAX_CAPACITY) return false;
      this.#grow();
      return this.add(type, owner, metric, minute, number, use, take);
    }
    this.#slotOf[this.count] = slot;
    this.#slots[slot] = this.#append(type, owner, metric, minute, number, use, take);
    return true;
  }

  clear(): void {
    if (this.count === 0) return;
    for (let at = 0; at < this.count; at++) this.#slots[this.#slotOf[at] ?? 0] = 0;
    this.count = 0;
  }

  #append(
    type: number,
    owner: number,
    metric: number,
    minute: number,
    number: number,
    use: number,
    take: number,
  ): number {
    const at = this.count;
    this.types[at] = type;
    this.owners[at] = owner;
    this.metrics[at] = metric;
    this.minutes[at] = minute;
    this.numbers[at] = number;
    this.uses[at] = use;
    this.takes[at] = take;
    this.count = at + 1;
    return this.count;
  }

  #grow(): void {
    const capacity = this.types.length * 2;
    this.types = copied(this.types, new Uint8Array(capacity));
    this.owners = copied(this.owners, new Uint32Array(capacity));
    this.metrics = copied(this.metrics, new Uint32Array(capacity));
    this.minutes = copied(this.minutes, new Uint32Array(capacity));
    this.numbers = copied(this.numbers, new Float64Array(capacity));
    this.uses = copied(this.uses, new Float64Array(capacity));
    this.takes = copied(this.takes, new Float64Array(capacity));
    this.#slots = new Uint32Array(capacity * 2);
    this.#slotOf = new Uint32Array(capacity);
    const mask = this.#slots.length - 1;
    for (let at = 0; at < this.count; at++) {
      let slot =
        hash(
          this.types[at] ?? 0,
          this.owners[at] ?? 0,
          this.metrics[at] ?? 0,
          this.minutes[at] ?? 0,
          this.numbers[at] ?? 0,
        ) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slotOf[at] = slot;
      this.#slots[slot] = at + 1;
    }
  }
}

function hash(type: number, owner: number, metric: number, minute: number, number: number): number {
  let value =
    Math.imul(owner + 1, 0x9e3779b1) ^ Math.imul(metric + 7, 0x85ebca6b) ^ Math.imul(minute ^ (type << 24), 0xc2b2ae35);
  value ^= Math.imul(number | 0, 0x27d4eb2f);
  value ^= value >>> 15;
  return value;
}

function copied<T extends Uint8Array | Uint32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
