import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Clock, Timer } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import { realDisk, type Disk, type Lock } from './disk.ts';
import type { HoldNumber, Journal, MetricHandle, OwnerHandle, UsageOwner } from './contract.ts';
import { ENTRY, MINUTE_MS } from './format.ts';
import { lockPath } from './layout.ts';
import { writeOwnerFile } from './owner-file.ts';
import { hasCode } from './errno.ts';
import type { SealedSegment } from './segment.ts';
import type { FileSystem } from './segment-file.ts';
import { SpareDescriptors, withSpare } from './spare-descriptors.ts';
import { SegmentWriter } from './writer.ts';

export interface JournalSettings {
  readonly directory: string;
  /** Bytes of all segments on disk beyond which nothing is admitted. */
  readonly maxBytes: number;
  /** What happens to requests that cannot be journalled. */
  readonly full: 'refuse' | 'serve';
  /** Longest time until what is written is on the disk for certain, ms; 0: left to the system. */
  readonly fsyncMs: number;
  /** Longest time until what is written is delivered, while deliveries succeed, ms. */
  readonly sealMs: number;
}

export interface JournalDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** A segment was sealed: it is to be delivered. */
  readonly sealed: (segment: SealedSegment) => void;
  /** There is no room: segments that were counted and are only kept may be released, at least so many bytes of them. Absent: none may. */
  readonly makeRoom?: (bytes: number) => void;
  /** Calls for the segment that is being written; those of `disk` by default. */
  readonly fs?: FileSystem;
  /** Default: the real one. */
  readonly disk?: Disk;
  /** 128 bits in hex; random by default. */
  readonly newEpoch?: () => string;
}

/** How often the journal looks whether something has to be written, sealed or tried again, ms. */
const CARE_INTERVAL = 50;

/** Makes this process's epoch: its lock, its folder, and the journal in it. Throws, with the remedy, when it cannot. */
export async function openJournal(settings: JournalSettings, deps: JournalDeps): Promise<SegmentedJournal> {
  const { disk = realDisk, newEpoch = () => randomBytes(16).toString('hex') } = deps;
  try {
    await disk.makeFolder(settings.directory);
    for (;;) {
      const epoch = newEpoch();
      const lock = await disk.takeLock(lockPath(settings.directory, epoch)).catch((error: unknown) => {
        if (hasCode(error, 'EADDRINUSE')) return null;
        throw error;
      });
      if (lock === null) continue;
      const folder = join(settings.directory, epoch);
      await disk.makeFolder(folder);
      await writeOwnerFile(disk, folder, epoch);
      return new SegmentedJournal(settings, deps, epoch, folder, lock);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`JOURNAL_DIR ${settings.directory} must be a writable folder of this machine: ${reason}`, {
      cause: error,
    });
  }
}

/** The journal of one epoch. */
export class SegmentedJournal implements Journal {
  readonly epoch: string;
  readonly folder: string;
  readonly #lock: Lock;
  readonly #disk: Disk;
  readonly #writer: SegmentWriter;
  readonly #timers: Timer[];
  /** Of the operating system's descriptors: null where another disk stands in for its own. */
  readonly #spare: SpareDescriptors | null;

  constructor(settings: JournalSettings, deps: JournalDeps, epoch: string, folder: string, lock: Lock) {
    this.epoch = epoch;
    this.folder = folder;
    this.#lock = lock;
    const { disk = realDisk, makeRoom = () => undefined } = deps;
    this.#spare = deps.disk === undefined ? new SpareDescriptors() : null;
    const segments = deps.fs ?? disk.segments;
    this.#disk = { ...disk, segments: this.#spare === null ? segments : withSpare(segments, this.#spare) };
    this.#writer = new SegmentWriter(settings, { ...deps, disk: this.#disk, makeRoom }, epoch, folder);
    this.#timers = [deps.clock.every(CARE_INTERVAL, () => this.#care())];
    if (settings.fsyncMs > 0) this.#timers.push(deps.clock.every(settings.fsyncMs, () => this.#writer.sync()));
  }

  get writable(): boolean {
    return this.#writer.writable;
  }

  /** Units that could not be written and were served nevertheless (JOURNAL_FULL=serve), or lost with late entries. */
  get lost(): number {
    return this.#writer.lost;
  }

  /** Units ever written by this process. */
  get journalledUnits(): number {
    return this.#writer.journalled;
  }

  /** Units in the segment that is being written. */
  get openUnits(): number {
    return this.#writer.units;
  }

  /** Units whose outcome is still open. */
  get heldUnits(): number {
    return this.#writer.holds.units;
  }

  /** Earliest minute of usage in the segment that is being written, ms; null: none. */
  get openSince(): number | null {
    return this.#writer.firstMinute === 0 ? null : this.#writer.firstMinute * MINUTE_MS;
  }

  /** Sequence of the segment that is being written. */
  get sequence(): number {
    return this.#writer.sequence;
  }

  /** Bytes on disk, of other epochs as well (see `occupy`). */
  get bytes(): number {
    return this.#writer.room.bytes;
  }

  /** Adopted segments take room too: `bytes` more, or fewer. */
  occupy(bytes: number): void {
    this.#writer.room.bytes += bytes;
  }

  owner(owner: UsageOwner): OwnerHandle {
    return this.#writer.tables.owner(owner);
  }

  releaseOwner(owner: OwnerHandle): void {
    this.#writer.tables.releaseOwner(owner);
  }

  metric(name: string): MetricHandle {
    return this.#writer.tables.metric(name);
  }

  use(owner: OwnerHandle, metric: MetricHandle, at: number, use: number, take: number, lease: number): void {
    this.#writer.add(this.#writer.tick, ENTRY.use, owner, metric, minuteOf(at), lease, use, take);
  }

  settle(owner: OwnerHandle, metric: MetricHandle, at: number, use: number, take: number, lease: number): void {
    this.#writer.add(this.#writer.late, ENTRY.use, owner, metric, minuteOf(at), lease, use, take);
  }

  setAside(owner: OwnerHandle, metric: MetricHandle, at: number, use: number): void {
    this.#writer.add(this.#writer.late, ENTRY.aside, owner, metric, minuteOf(at), 0, use, 0);
  }

  code(owner: OwnerHandle, at: number, status: number): void {
    this.#writer.add(this.#writer.codes, ENTRY.code, owner, status, minuteOf(at), 0, 1, 0);
  }

  hold(owner: OwnerHandle, metric: MetricHandle, at: number, use: number): HoldNumber {
    return this.#writer.holds.add(owner, metric, minuteOf(at), use);
  }

  sending(hold: HoldNumber): void {
    if (this.#writer.holds.markSending(hold)) this.#writer.late.sending(hold);
  }

  resolve(hold: HoldNumber): void {
    if (this.#writer.holds.resolve(hold)) this.#writer.late.resolve(hold);
  }

  openLease(lease: { number: number; owner: OwnerHandle; metric: MetricHandle; rev: number }): void {
    this.#writer.leases.add(lease.number, lease.owner, lease.metric, lease.rev);
  }

  closeLease(number: number): void {
    this.#writer.leases.close(number);
    this.#writer.late.closeLease(number);
  }

  commit(): boolean {
    return this.#writer.write(true);
  }

  flush(): boolean {
    return this.#writer.write(false);
  }

  /** Later segments need not wait for this one: it was applied, or is refused. As long as one is waited for, they grow to 1 MiB. */
  delivered(sequence: number): void {
    this.#writer.delivered(sequence);
  }

  /** Nobody needs this segment any more: it is deleted as soon as nothing in it is held. */
  release(sequence: number): void {
    this.#writer.release(sequence);
  }

  /** Writes what is buffered and seals, however little there is. */
  sealNow(): void {
    this.#writer.write(false);
    this.#writer.seal();
  }

  /** Ends the epoch. What was not delivered stays for whoever adopts it; a folder in which nothing is left goes. */
  async close(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    this.sealNow();
    this.#writer.close();
    this.#spare?.close();
    if (this.#writer.empty) await this.#disk.removeTree(this.folder);
    await new Promise<void>((resolve) => this.#lock.close(() => resolve()));
  }

  #care(): void {
    this.#spare?.refill();
    this.#writer.care();
  }
}

function minuteOf(at: number): number {
  return Math.floor(at / MINUTE_MS);
}
