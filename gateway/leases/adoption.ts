import { ClosedLeases } from './closed-leases.ts';
import { Messenger } from './messenger.ts';
import type { MessengerDeps, Pending } from './messenger.ts';

/** Above every revision that the dead gateway can have used. */
const FIRST_REVISION = 1_000_000_000;

/** A lease that a dead gateway's journal names: what was spent of it, and when. */
export interface AdoptedLease {
  readonly number: number;
  readonly service: string;
  readonly application: string;
  readonly metric: string;
  readonly used: number;
  /** A moment of its usage by the backend's clock, ms; null when there was none. */
  readonly usedAt: number | null;
}

interface Closing {
  readonly lease: AdoptedLease;
  rev: number;
  closedAt: number;
  pending: Pending<Closing> | null;
}

/** Closes the leases of a dead gateway at what its journal says (protocol R10). Two that adopt the same do no harm. */
export class Adoption {
  readonly #messenger: Messenger<Closing>;
  readonly #closed: ClosedLeases<Closing>;
  readonly #done: () => void;

  constructor(
    epoch: string,
    leases: readonly AdoptedLease[],
    horizon: number,
    post: Omit<MessengerDeps<unknown>, 'replied'>,
    closed: (number: number) => void,
    done: () => void,
  ) {
    this.#closed = new ClosedLeases<Closing>(horizon, ({ lease }) => closed(lease.number));
    for (const lease of leases) this.#closed.add({ lease, rev: FIRST_REVISION - 1, closedAt: Infinity, pending: null });
    this.#messenger = new Messenger<Closing>(epoch, {
      ...post,
      replied: (pending, reply, times) => {
        if (reply.code === 'outage') return;
        pending.owner.pending = null;
        this.#closed.acknowledge(pending.owner, times.answeredAt);
      },
    });
    this.#done = done;
  }

  /** Says each of them, again if it was said before: the store may have forgotten. */
  redeclare(): void {
    for (const closing of this.#closed.reopen()) {
      if (closing.pending !== null) this.#messenger.cancel(closing.pending);
      closing.rev += 1;
      closing.pending = this.#messenger.post(closing, messageOf(closing), false);
    }
    this.#messenger.flush();
  }

  repeat(now: number): void {
    this.#messenger.repeat(now);
  }

  drop(answeredSentAt: number): void {
    this.#closed.drop(answeredSentAt);
    if (this.#closed.size === 0) this.#done();
  }
}

function messageOf({ lease, rev }: Closing) {
  const { number, service, application, metric, used, usedAt } = lease;
  const levels = { used, held: used, want: used, need: 0 };
  return { number, rev, service, application, metric, ...levels, next: false, final: true, at: usedAt, period: null };
}
