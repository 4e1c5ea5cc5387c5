import type { Journal, MetricHandle, OwnerHandle, UsageOwner } from '../../../gateway/journal/contract.ts';
import type { AdoptedLease } from '../../../gateway/leases/adoption.ts';

const MINUTE = 60_000;

/** Usage of one owner and metric in one minute, or one record of it. */
export interface Entry {
  readonly owner: UsageOwner;
  readonly metric: string;
  readonly at: number;
  use: number;
  take: number;
  readonly lease: number;
}

export interface Segment {
  readonly sequence: number;
  readonly entries: readonly Entry[];
  state: 'sealed' | 'applied';
  /** Monotonic time at which it was heard to be applied. */
  appliedAt: number;
  sentAt: number;
}

interface LeaseOnDisk {
  readonly owner: UsageOwner;
  readonly metric: string;
  used: number;
  usedAt: number | null;
  closed: boolean;
}

/** What one process left on disk: its segments and leases, under its epoch, for ever. */
export class Folder {
  readonly epoch: string;
  active: Entry[] = [];
  segments: Segment[] = [];
  readonly leases = new Map<number, LeaseOnDisk>();
  #sequence = 0;

  constructor(epoch: string) {
    this.epoch = epoch;
  }

  /** Lowest sequence that may still come. */
  get floor(): number {
    return this.segments[0]?.sequence ?? this.#sequence + 1;
  }

  /** The tail becomes a batch. */
  seal(): void {
    if (this.active.length === 0) return;
    this.#sequence += 1;
    const entries = fold(this.active);
    this.segments.push({ sequence: this.#sequence, entries, state: 'sealed', appliedAt: Infinity, sentAt: -Infinity });
    this.active = [];
  }

  get empty(): boolean {
    return (
      this.active.length === 0 && this.segments.length === 0 && [...this.leases.values()].every(({ closed }) => closed)
    );
  }

  openLeases(): AdoptedLease[] {
    return [...this.leases]
      .filter(([, { closed }]) => !closed)
      .map(([number, { owner, metric, used, usedAt }]) => {
        return { number, service: owner.service, application: owner.id, metric, used, usedAt };
      });
  }
}

function fold(records: readonly Entry[]): readonly Entry[] {
  const folded = new Map<string, Entry>();
  for (const record of records) {
    const minute = record.at - (record.at % MINUTE);
    const key = JSON.stringify([record.owner.id, record.metric, minute]);
    const known = folded.get(key);
    if (known === undefined) folded.set(key, { ...record, at: minute, lease: 0 });
    else {
      known.use += record.use;
      known.take += record.take;
    }
  }
  return [...folded.values()];
}

/** The journal of a running process, writing to its folder. */
export class SimulatedJournal implements Journal {
  readonly folder: Folder;
  readonly #owners: (UsageOwner | null)[] = [];
  readonly #metrics: string[] = [];
  readonly #record: (entry: Entry) => void;
  #buffer: Entry[] = [];
  /** What outlives a failed commit. */
  #late: Entry[] = [];
  readonly sequence = 1;
  #opened: { readonly number: number; readonly lease: LeaseOnDisk }[] = [];
  #closed: number[] = [];
  /** The disk takes nothing. */
  full = false;
  writable = true;

  /** `record` is called for each entry that reached the disk. */
  /** Dates what is used instead of whoever used it; null: nobody does. */
  readonly #date: (() => number) | null;

  constructor(folder: Folder, record: (entry: Entry) => void, date: (() => number) | null) {
    this.#date = date;
    this.folder = folder;
    this.#record = record;
  }

  get epoch(): string {
    return this.folder.epoch;
  }

  owner(owner: UsageOwner): OwnerHandle {
    return this.#owners.push(owner) - 1;
  }

  metric(name: string): MetricHandle {
    const known = this.#metrics.indexOf(name);
    return known >= 0 ? known : this.#metrics.push(name) - 1;
  }

  use(owner: OwnerHandle, metric: MetricHandle, at: number, use: number, take: number, lease: number): void {
    const dated = this.#date?.() ?? at;
    this.#buffer.push({ owner: this.#owner(owner), metric: this.#metrics[metric] ?? '', at: dated, use, take, lease });
  }

  settle(owner: OwnerHandle, metric: MetricHandle, at: number, use: number, take: number, lease: number): void {
    this.#late.push({ owner: this.#owner(owner), metric: this.#metrics[metric] ?? '', at, use, take, lease });
  }

  releaseOwner(owner: OwnerHandle): void {
    this.#owner(owner);
    this.#owners[owner] = null;
  }

  hold(): number {
    throw new Error('leased usage is never held');
  }

  sending(): void {}
  resolve(): void {}
  setAside(): void {}

  code(): void {
    // Answers by status do not touch the limits.
  }

  openLease({ number, owner, metric }: Parameters<Journal['openLease']>[0]): void {
    const lease = {
      owner: this.#owner(owner),
      metric: this.#metrics[metric] ?? '',
      used: 0,
      usedAt: null,
      closed: false,
    };
    this.#opened.push({ number, lease });
  }

  closeLease(number: number): void {
    this.#closed.push(number);
  }

  commit(): boolean {
    const buffer = this.#buffer;
    const opened = this.#opened;
    const closed = this.#closed;
    this.#buffer = [];
    this.#opened = [];
    this.#closed = [];
    if (this.full) return false;
    for (const { number, lease } of opened) this.folder.leases.set(number, lease);
    this.#write(buffer);
    for (const number of closed) this.folder.leases.delete(number);
    return true;
  }

  flush(): boolean {
    if (this.full) return false;
    this.#write([]);
    return true;
  }

  #write(buffer: readonly Entry[]): void {
    const late = this.#late;
    this.#late = [];
    for (const entry of [...late, ...buffer]) {
      this.folder.active.push(entry);
      this.#record(entry);
      const lease = this.folder.leases.get(entry.lease);
      if (lease === undefined) continue;
      lease.used += entry.use;
      lease.usedAt = entry.at;
    }
  }

  #owner(handle: OwnerHandle): UsageOwner {
    const owner = this.#owners[handle];
    if (owner === undefined || owner === null) throw new RangeError(`no owner ${handle}`);
    return owner;
  }
}
