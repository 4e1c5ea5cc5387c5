import type { Clock, Timer } from '../../shared/clock.ts';
import type { ProtocolClient } from '../backend-client/protocol.ts';
import type { Reporting } from '../reporting/reporting.ts';

/** How often the store's identity is asked for while applied batches are kept, ms. */
const INTERVAL = 20_000;
const MAX_PAST = 64;

/**
 * Which store the backends speak for (protocol R8), for the modes that have no heartbeat: a new identity means that what
 * was acknowledged may be lost; an answer under a replaced one says nothing any more.
 */
export class KnownStore {
  #current: string | null = null;
  readonly #past: string[] = [];

  hear(identity: string): 'same' | 'first' | 'changed' | 'old' {
    if (identity === this.#current) return 'same';
    if (this.#past.includes(identity)) return 'old';
    const before = this.#current;
    this.#current = identity;
    if (before === null) return 'first';
    this.#past.push(before);
    if (this.#past.length > MAX_PAST) this.#past.shift();
    return 'changed';
  }
}

/** Asks for the identity now and then, so that kept batches are let go, or sent again, even when no new ones are made. */
export function watchStore(
  parts: { readonly clock: Clock; readonly protocol: ProtocolClient; readonly reporting: Reporting },
  known: KnownStore,
): Timer {
  const { clock, protocol, reporting } = parts;
  async function look(): Promise<void> {
    if (reporting.backlog.kept === 0) return;
    const sentAt = clock.monotonic();
    const found = await protocol.discover();
    if (found.kind !== 'tallygate') return;
    const { store } = found.discovery;
    const verdict = known.hear(store);
    if (verdict === 'changed') reporting.replay();
    else if (verdict !== 'old') reporting.confirm(store, sentAt);
  }
  return clock.every(INTERVAL, () => void look());
}
