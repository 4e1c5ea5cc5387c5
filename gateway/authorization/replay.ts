import { replayAside, type Replayed } from '../reporting/replay.ts';
import { StoreIdentity } from '../leases/store-identity.ts';
import { createUsageParts, stopUsageParts, type UsageDeps, type UsageSettings } from './usage-parts.ts';

export interface ReplayOptions {
  /** Send what may have been counted already. */
  readonly uncertain: boolean;
  /** Send again what the backend did not want. */
  readonly rejected: boolean;
  /** Longest time for the delivery, ms. */
  readonly deadlineMs: number;
}

export interface ReplayReport {
  /** Epochs of dead processes that were taken over. */
  readonly epochs: number;
  readonly uncertain: Replayed;
  readonly rejected: Replayed;
  /** Attempts by their outcome. */
  readonly results: ReadonlyMap<string, number>;
  /** Segments and units that were not delivered; they stay in the journal. */
  readonly left: { readonly segments: number; readonly units: number };
}

const NOTHING: Replayed = { files: 0, units: 0 };

/**
 * Delivers the journals that lie in a folder, without a gateway: those of dead processes, and, by an operator's word,
 * what was set aside. Throws when the backend does not answer.
 */
export async function replayJournal(
  settings: UsageSettings,
  deps: UsageDeps,
  options: ReplayOptions,
): Promise<ReplayReport> {
  const store = new StoreIdentity();
  const parts = await createUsageParts(
    settings,
    deps,
    (answer, sentAt, at) => store.hear(answer.store, sentAt, at),
    null,
  );
  const { adoption, backendProtocol, journal, reporting } = parts;
  const { directory } = settings.journal;
  try {
    if ((await backendProtocol.ask()).kind === 'unavailable') {
      throw new Error(`the backend at ${settings.backendUrl.href} does not answer: nothing was changed`);
    }
    await adoption.look();
    const uncertain = options.uncertain ? await replayAside(directory, 'uncertain', journal) : NOTHING;
    const rejected = options.rejected ? await replayAside(directory, 'rejected', journal) : NOTHING;
    journal.sealNow();
    await reporting.drain(options.deadlineMs);
    const { undelivered: segments, units } = reporting.backlog;
    return { epochs: adoption.epochs, uncertain, rejected, results: reporting.results, left: { segments, units } };
  } finally {
    await stopUsageParts(parts, 0);
  }
}
