import type { NfaState } from './nfa.ts';
import { SEGMENT_CHARACTERS } from '../path.ts';

/** Class of an octet that is not canonical, or may not be: the path must be made canonical first. */
export const IRREGULAR = 0;

export interface OctetClasses {
  /** Class of each of the 256 octets in a path as it came: `%` is IRREGULAR. */
  readonly raw: Uint8Array;
  /** The same for a canonical path, in which `%` is an octet like others. */
  readonly canonical: Uint8Array;
  /** One octet of each class, to stand for all; index 0 is not used. */
  readonly representatives: readonly number[];
}

/** Octets that no state of the automaton tells apart share a class, which keeps its rows short. */
export function classifyOctets(states: readonly NfaState[]): OctetClasses {
  const sets = [...new Set(states.flatMap((state) => (state.kind === 'octet' ? [state.set] : [])))];
  const canonical = new Uint8Array(256);
  const representatives: number[] = [IRREGULAR];
  const known = new Map<string, number>();
  for (const octet of [...SEGMENT_CHARACTERS, 0x2f]) {
    const membership = sets.map((set) => (set.has(octet) ? '1' : '0')).join('');
    let index = known.get(membership);
    if (index === undefined) {
      index = representatives.push(octet) - 1;
      known.set(membership, index);
    }
    canonical[octet] = index;
  }
  const raw = canonical.slice();
  raw[0x25] = IRREGULAR;
  return { raw, canonical, representatives };
}
