import type { Clock, Timer } from '../../shared/clock.ts';
import type { ProtocolClient } from '../backend-client/protocol.ts';
import type { StoreIdentity } from '../leases/store-identity.ts';
import type { Reporting } from '../reporting/reporting.ts';

/** How often the store's identity is asked for while applied batches are kept, ms. */
const INTERVAL = 20_000;

/** Asks for the identity now and then, so that kept batches are let go, or sent again, even when no new ones are made. */
export function watchStore(
  parts: { readonly clock: Clock; readonly protocol: ProtocolClient; readonly reporting: Reporting },
  known: StoreIdentity,
): Timer {
  const { clock, protocol, reporting } = parts;
  async function look(): Promise<void> {
    if (reporting.backlog.kept === 0) return;
    const sentAt = clock.monotonic();
    const found = await protocol.discover();
    if (found.kind !== 'tallygate') return;
    const { store } = found.discovery;
    const verdict = known.hear(store, sentAt, clock.monotonic());
    if (verdict === 'changed') reporting.replay();
    else if (verdict !== 'old') reporting.confirm(store, sentAt);
  }
  return clock.every(INTERVAL, () => void look());
}
