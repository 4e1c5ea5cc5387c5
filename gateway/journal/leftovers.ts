import type { UsageOwner } from './contract.ts';
import type { EntryVisitor } from './entries.ts';
import { MINUTE_MS } from './format.ts';

/** A lease that was open when its process died. */
export interface LeaseLevel {
  readonly number: number;
  readonly service: string;
  readonly application: string;
  readonly metric: string;
  /** Units spent. */
  readonly used: number;
  /** A moment of its usage, ms; null when there was none. */
  readonly usedAt: number | null;
}

/** Usage that was held when its process died. */
export interface OpenHold {
  readonly number: number;
  readonly owner: UsageOwner;
  readonly metric: string;
  /** Minutes since the epoch. */
  readonly minute: number;
  readonly use: number;
  /** The backend may have been told of it. */
  readonly sending: boolean;
}

interface Level {
  readonly owner: UsageOwner;
  readonly metric: string;
  used: number;
  usedAt: number | null;
}

/** Reads the segments of a dead process in their order and finds what was open at the end. */
export class Leftovers implements EntryVisitor {
  readonly #levels = new Map<number, Level>();
  readonly #closed = new Set<number>();
  readonly #holds = new Map<number, OpenHold>();
  readonly #resolved = new Set<number>();
  #units = 0;
  #firstMinute = Number.POSITIVE_INFINITY;

  /** A segment begins. */
  begin(): void {
    this.#units = 0;
    this.#firstMinute = Number.POSITIVE_INFINITY;
  }

  /** Its figures. */
  end(): { units: number; firstMinute: number | null } {
    const first = this.#firstMinute;
    return { units: this.#units, firstMinute: first === Number.POSITIVE_INFINITY ? null : first * MINUTE_MS };
  }

  leases(): LeaseLevel[] {
    return [...this.#levels].map(([number, { owner, metric, used, usedAt }]) => ({
      number,
      service: owner.service,
      application: owner.id,
      metric,
      used: Math.max(0, used),
      usedAt,
    }));
  }

  openHolds(): OpenHold[] {
    return [...this.#holds.values()];
  }

  use(_owner: UsageOwner, _metric: string, minute: number, use: number, _take: number, lease: number): void {
    this.#units += Math.max(0, use);
    this.#firstMinute = Math.min(this.#firstMinute, minute);
    const level = lease === 0 ? undefined : this.#levels.get(lease);
    if (level === undefined) return;
    level.used += use;
    level.usedAt = minute * MINUTE_MS;
  }

  /** Said when the lease was opened and again later: the last statement holds. */
  openLease(number: number, owner: UsageOwner, metric: string, _rev: number, used: number): void {
    if (this.#closed.has(number)) return;
    const usedAt = this.#levels.get(number)?.usedAt ?? null;
    this.#levels.set(number, { owner, metric, used, usedAt });
  }

  closeLease(number: number): void {
    this.#closed.add(number);
    this.#levels.delete(number);
  }

  hold(number: number, owner: UsageOwner, metric: string, minute: number, use: number): void {
    if (this.#resolved.has(number)) return;
    const sending = this.#holds.get(number)?.sending ?? false;
    this.#holds.set(number, { number, owner, metric, minute, use, sending });
  }

  sending(number: number): void {
    const hold = this.#holds.get(number);
    if (hold !== undefined) this.#holds.set(number, { ...hold, sending: true });
  }

  resolve(number: number): void {
    this.#resolved.add(number);
    this.#holds.delete(number);
  }

  // What is no part of what is left open.
  code(): void {}
  aside(): void {}
}
