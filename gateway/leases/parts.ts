import type { Clock } from '../../shared/clock.ts';
import type { ServiceProof } from '../../shared/wire/common.ts';
import type { Journal } from '../journal/contract.ts';
import type { Adoption } from './adoption.ts';
import { Answers } from './answers.ts';
import type { LeaseListener } from './answers.ts';
import { BackendLink } from './backend-link.ts';
import { ClosedLeases } from './closed-leases.ts';
import { Heartbeat } from './heartbeat.ts';
import type { Lease } from './lease.ts';
import { Levels } from './levels.ts';
import { Messenger } from './messenger.ts';
import type { MessengerDeps } from './messenger.ts';
import type { LeaseSettings } from './settings.ts';
import type { Pace } from './sizing.ts';
import { Slots } from './slots.ts';
import type { BackendTransport } from './transport.ts';
import { Upkeep } from './upkeep.ts';

export interface LeaseClientDeps {
  readonly clock: Clock;
  readonly transport: BackendTransport;
  readonly journal: Journal;
  /** In [0, 1). */
  readonly random: () => number;
  /** Proofs of the named services, or of all. */
  readonly proofs: (services: ReadonlySet<string> | null) => readonly ServiceProof[];
  readonly listener: LeaseListener;
  readonly onLink: (state: 'up' | 'down') => void;
}

/** What a lease client is made of. */
export interface LeaseParts {
  readonly link: BackendLink;
  readonly slots: Slots;
  readonly closed: ClosedLeases<Lease>;
  readonly adoptions: Set<Adoption>;
  readonly post: Omit<MessengerDeps<unknown>, 'replied'>;
  readonly messenger: Messenger<Lease>;
  readonly levels: Levels;
  readonly upkeep: Upkeep;
  readonly answers: Answers;
  readonly heartbeat: Heartbeat;
}

export function createLeaseParts(settings: LeaseSettings, deps: LeaseClientDeps): LeaseParts {
  const { clock, transport, journal, random, proofs, listener } = deps;
  const link = new BackendLink(clock, deps.onLink);
  const slots = new Slots(journal, settings.maxSlots);
  const closed = new ClosedLeases<Lease>(settings.horizon, (lease) => {
    journal.closeLease(lease.number);
    lease.slot.owner.leave();
  });
  const adoptions = new Set<Adoption>();
  const pace: Pace = { leaseTime: settings.leaseTime, roundTrip: 0 };
  const post = {
    clock,
    transport,
    random,
    proofs,
    heard: ((answer, sentAt, answeredAt) => answers.heard(answer, sentAt, answeredAt)) satisfies Answers['heard'],
    repeatAfter: () => Math.max(settings.repeatAfter, Math.min(settings.backendTimeout, 4 * link.roundTrip)),
    backendTimeout: settings.backendTimeout,
    unanswered: () => link.unanswered(),
  };
  const messenger = new Messenger<Lease>(journal.epoch, {
    ...post,
    replied: (pending, reply, times) => answers.replied(pending, reply, times),
  });
  const levels = new Levels(messenger, journal, pace);
  const upkeep = new Upkeep({ settings, levels, pace, random, closed, nextNumber: counter() });
  const answers: Answers = new Answers({
    settings,
    link,
    slots,
    levels,
    upkeep,
    pace,
    random,
    listener,
    redeclareClosed: (now) => {
      for (const lease of closed.reopen()) levels.declare(lease, now);
      for (const adoption of adoptions) adoption.redeclare();
    },
    acknowledge: (lease, now) => closed.acknowledge(lease, now),
  });
  const heartbeat = new Heartbeat(journal.epoch, {
    ...post,
    link,
    proofs: () => proofs(null),
    answered: (answer, sentAt, answeredAt) => answers.beaten(answer, sentAt, answeredAt),
  });
  return { link, slots, closed, adoptions, post, messenger, levels, upkeep, answers, heartbeat };
}

function counter(): () => number {
  let last = 0;
  return () => (last += 1);
}
