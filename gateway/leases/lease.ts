import type { Period } from '../../shared/period.ts';
import type { TightestLimit } from '../../shared/wire/leases.ts';
import type { Pending } from './messenger.ts';
import type { Slot } from './slot.ts';

/** Units that the backend took for this gateway, for one application, metric and window. Times are monotonic unless said. */
export class Lease {
  /** Unique within the epoch. */
  readonly number: number;
  readonly slot: Slot;
  rev = 0;
  /** Units held, spent ones included; `used` never passes it. */
  ceiling = 0;
  used = 0;
  /** Above this many spent units more are asked for; Infinity while a message is on its way. */
  renewAt = Infinity;
  /** Spendable from `start` (as late as the window may have begun) until `end` (as early as it may be over). */
  start = Infinity;
  end = -Infinity;
  /** The window by the backend's clock, ms since the epoch: usage is dated inside. */
  windowStart = 0;
  windowEnd = 0;
  /** Null: no answer yet, the window is not known. */
  period: Period | null = null;
  /** Asks for the window after the one in which the store first hears of it. */
  readonly next: boolean;
  final = false;
  /** When the final message was acknowledged. */
  closedAt = Infinity;
  /** When the message was sent whose answer confirmed this lease last (R15). */
  confirmedAt = -Infinity;
  /** Decided under a configuration that no heartbeat has overtaken: then every heartbeat confirms it too. */
  upToDate = false;
  /** Configuration version of the last answer. */
  version = -1;
  /** Units that the limits could still grant, gateways that share them, and units that others hold: as last answered. */
  room = 0;
  active = 1;
  elsewhere = 0;
  tightest: TightestLimit | null = null;
  /** When the message was sent whose answer told the room, and the ceiling that came with it. */
  roomAt = -Infinity;
  answeredCeiling = 0;
  inFlight: Pending<Lease> | null = null;
  /** Answers in a row that were outages. */
  outages = 0;
  /** Ask again at this time: the last answer was older than what a heartbeat named. */
  askAgainAt = Infinity;
  saidAt: number;
  saidUsed = 0;
  usedAt: number;

  constructor(number: number, slot: Slot, next: boolean, now: number) {
    this.number = number;
    this.slot = slot;
    this.next = next;
    this.saidAt = now;
    this.usedAt = now;
  }

  get unspent(): number {
    return this.ceiling - this.used;
  }

  /** Less is left than every active gateway needs in hand: what is not needed goes back at once. */
  get scarce(): boolean {
    return this.room < 4 * this.active;
  }
}
