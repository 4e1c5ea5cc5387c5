import type { BatchAnswer } from '../../shared/wire/batches.ts';
import type { BatchMessage } from './backend.ts';
import type { Folder, Segment } from './journal.ts';
import type { Mutation } from './options.ts';

/** Sent again when not answered for this long, ms. */
const RESEND_AFTER = 300;
/** Segments of a folder on their way at once. */
const AT_ONCE = 20;

export interface DeliveryDeps {
  readonly now: () => number;
  readonly horizon: number;
  /** When the newest message was sent that the present store answered (R14). */
  readonly answeredSentAt: () => number;
  readonly identity: () => string | null;
  readonly send: (message: BatchMessage, answered: (answer: BatchAnswer | null) => void) => void;
  readonly without: Mutation | null;
}

/** Brings sealed segments to the backend, by the protocol's rules R12 to R14. */
export class Delivery {
  readonly #deps: DeliveryDeps;

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
  }

  /** Everything that was acknowledged may be lost. */
  replay(folders: Iterable<Folder>): void {
    for (const folder of folders) for (const segment of folder.segments) segment.state = 'sealed';
  }

  deliver(folder: Folder): void {
    this.#drop(folder);
    const now = this.#deps.now();
    let sent = 0;
    for (const segment of folder.segments) {
      if (segment.state === 'applied' || now - segment.sentAt < RESEND_AFTER) continue;
      sent += 1;
      if (sent > AT_ONCE) return;
      this.#send(folder, segment, now);
    }
  }

  #send(folder: Folder, segment: Segment, now: number): void {
    segment.sentAt = now;
    const { sequence, entries } = segment;
    this.#deps.send({ epoch: folder.epoch, sequence, floor: folder.floor, entries }, (answer) => {
      if (answer === null || answer.store !== this.#deps.identity()) return;
      if (segment.state === 'applied') return;
      segment.state = 'applied';
      segment.appliedAt = this.#deps.now();
    });
  }

  #drop(folder: Folder): void {
    const confirmed =
      this.#deps.without === 'purge-needs-confirmation' ? this.#deps.now() : this.#deps.answeredSentAt();
    folder.segments = folder.segments.filter(
      ({ state, appliedAt }) => state !== 'applied' || appliedAt + this.#deps.horizon > confirmed,
    );
  }
}
