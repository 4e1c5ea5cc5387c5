import type { Bound } from '../store.ts';
import { fieldName } from './keys.ts';
import { numberOf } from './lease-message.ts';
import { encodeArguments, encodeCount, joinArguments } from './wire.ts';
import type { Arguments } from './wire.ts';

/** Bounds as scripts/decide.lua reads them. Those of a plan come in every call of its applications: each is encoded once. */
export class EncodedBounds {
  readonly #known = new WeakMap<Bound, Arguments>();

  /** Their number, and metric, period and max of each. */
  all(bounds: readonly Bound[]): Arguments {
    return joinArguments(encodeCount(bounds.length), ...bounds.map((bound) => this.#one(bound)));
  }

  #one(bound: Bound): Arguments {
    const known = this.#known.get(bound);
    if (known !== undefined) return known;
    const { metric, period, max } = bound;
    const encoded = encodeArguments([fieldName(metric), numberOf(period), max.toString()]);
    this.#known.set(bound, encoded);
    return encoded;
  }
}
