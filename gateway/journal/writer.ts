import { EntryBuffer } from './buffer.ts';
import type { Disk } from './disk.ts';
import { encodeHeader, encodeSeal } from './encode.ts';
import { ENTRY, FRAME, MINUTE_MS } from './format.ts';
import { Holds } from './holds.ts';
import type { JournalDeps, JournalSettings } from './journal.ts';
import { KeptSegments } from './kept.ts';
import { OpenLeases } from './open-leases.ts';
import { Output } from './output.ts';
import { Room } from './room.ts';
import { SegmentFile } from './segment-file.ts';
import { Tables } from './tables.ts';

/** A segment is sealed at this size whatever happens, bytes. */
const SEAL_BYTES = 1024 * 1024;
/** Or with this many services: a batch proves at most 256. */
const SEAL_SERVICES = 200;
/** With as many codes buffered, the next write takes them along. */
const CODES_AT_ONCE = 4_096;
/** Syncs that fail in a row until the disk is not trusted any more. */
const MAX_SYNC_FAILURES = 3;
/** What a disk that failed must take before it is trusted again. */
const PROBE = Buffer.alloc(4096);

type WriterDeps = Pick<JournalDeps, 'clock' | 'log' | 'sealed'> &
  Required<Pick<JournalDeps, 'makeRoom'>> & { readonly disk: Disk };

/** Turns what is buffered into segments: one write at a time, all or nothing, and seals them. */
export class SegmentWriter {
  readonly tables = new Tables();
  readonly tick = new EntryBuffer();
  readonly late = new EntryBuffer();
  /** Statuses, which no limit and no count depends on: written with the regular care, so that a tick need not write them one by one. */
  readonly codes = new EntryBuffer();
  readonly holds = new Holds();
  readonly leases = new OpenLeases();
  lost = 0;
  /** Units ever written. */
  journalled = 0;
  readonly room: Room;
  sequence = 1;
  /** Of the open segment. */
  units = 0;
  firstMinute = 0;
  readonly #settings: JournalSettings;
  readonly #deps: WriterDeps;
  readonly #epoch: string;
  readonly #folder: string;
  readonly #output = new Output();
  readonly #kept: KeptSegments;
  #file: SegmentFile | null = null;
  #entries = 0;
  #begunAt = 0;
  /** Offset behind the last seal frame; 0: none yet. */
  #sealedAt = 0;
  /** What does not work at present. */
  readonly #troubles = new Set<'write' | 'sync'>();
  #syncFailures = 0;
  #overflow = false;
  readonly #undelivered = new Set<number>();

  constructor(settings: JournalSettings, deps: WriterDeps, epoch: string, folder: string) {
    this.#settings = settings;
    this.#deps = deps;
    this.#epoch = epoch;
    this.#folder = folder;
    this.#kept = new KeptSegments(deps.log, deps.disk, (bytes) => (this.room.bytes -= bytes));
    const changed = (full: boolean): void => this.#say(!full, 'JOURNAL_MAX_BYTES is reached');
    this.room = new Room(settings.maxBytes, { makeRoom: deps.makeRoom, changed });
  }

  get #healthy(): boolean {
    return this.#troubles.size === 0;
  }

  get writable(): boolean {
    return this.#healthy && !this.room.full;
  }

  /** Nothing of this epoch is on disk. */
  get empty(): boolean {
    return this.#kept.size === 0 && this.#file === null && this.late.empty && this.codes.empty;
  }

  /** `buffer`: one of the three above. */
  add(
    buffer: EntryBuffer,
    type: number,
    owner: number,
    metric: number,
    minute: number,
    number: number,
    use: number,
    take: number,
  ): void {
    if (buffer.tally.add(type, owner, metric, minute, number, use, take)) return;
    // Full: a tick is refused as a whole, what comes late is lost.
    if (buffer === this.tick) this.#overflow = true;
    else if (type !== ENTRY.code) this.lost += use;
  }

  /** Writes what is late, and the tick's part when `tick`, else the codes. False: the tick's part is not in the file, and forgotten. */
  write(tick: boolean): boolean {
    const codes = !tick || this.codes.tally.count >= CODES_AT_ONCE;
    const nothing = tick ? this.tick.empty && !this.holds.hasTick && !this.leases.hasTick : this.codes.empty;
    if (nothing && this.late.empty) return true;
    this.room.make();
    if (this.#overflow || this.room.full) return this.#failed(tick);
    this.#file ??= this.#begin();
    const file = this.#file;
    if (file === null) return this.#failed(tick);
    const now = this.#deps.clock.monotonic();
    const restated = this.#encode(file, tick, codes, now);
    if (!file.append(this.#output.bytes, this.#output.length)) return this.#failed(tick);
    this.#written(file, tick, codes, now, restated);
    return true;
  }

  /** Regular care: late entries and codes, sealing, trying a disk that failed. */
  care(): void {
    this.room.make();
    this.write(false);
    if (this.#troubles.has('write')) this.#probe();
    const age = this.#deps.clock.monotonic() - this.#begunAt;
    if (this.#file !== null && this.#undelivered.size === 0 && age >= this.#settings.sealMs) this.seal();
  }

  sync(): void {
    const file = this.#file;
    file?.sync((ok) => this.#synced(file, ok));
  }

  seal(): void {
    const file = this.#file;
    if (file === null || file.offset === 0) return;
    if (file.offset !== this.#sealedAt) this.#appendSeal(file);
    if (!file.seal()) return this.#setHealth('write', false, 'a segment could not be renamed');
    file.close(this.#settings.fsyncMs > 0);
    const firstMinute = this.firstMinute === 0 ? null : this.firstMinute * MINUTE_MS;
    const segment = {
      folder: this.#folder,
      epoch: this.#epoch,
      sequence: file.sequence,
      bytes: file.offset,
      units: this.units,
      firstMinute,
    };
    this.#file = null;
    this.#sealedAt = 0;
    this.sequence = file.sequence + 1;
    this.units = 0;
    this.firstMinute = 0;
    this.#entries = 0;
    this.tables.newSegment();
    this.#kept.add(segment);
    this.#undelivered.add(segment.sequence);
    this.#deps.sealed(segment);
  }

  delivered(sequence: number): void {
    this.#undelivered.delete(sequence);
    this.room.make();
  }

  release(sequence: number): void {
    this.#undelivered.delete(sequence);
    this.#kept.release(sequence);
    this.#sweep();
    this.#kept.mark(sequence);
  }

  close(): void {
    this.#file?.close(false);
    if (this.#file?.offset === 0) this.#file = null;
  }

  #begin(): SegmentFile | null {
    const file = SegmentFile.create(this.#folder, this.sequence, this.#deps.disk.segments);
    this.#begunAt = this.#deps.clock.monotonic();
    return file;
  }

  /** Returns the holds that were written again. */
  #encode(file: SegmentFile, tick: boolean, codes: boolean, now: number): readonly number[] {
    const output = this.#output;
    output.clear();
    const first = file.offset === 0;
    if (first) encodeHeader(output, this.#epoch, file.sequence, this.#deps.clock.now());
    output.beginFrame(FRAME.entries);
    this.tables.writeRepeats(output);
    output.endFrame();
    output.beginFrame(FRAME.entries);
    if (first) this.leases.encodeOld(now, this.tables, output);
    const restated = first ? this.holds.encodeOld(now, this.tables, output) : [];
    if (tick) {
      this.leases.encodeTick(this.tables, output);
      this.holds.encodeTick(this.tables, output);
      this.tick.encode(this.tables, output);
    }
    this.late.encode(this.tables, output);
    if (codes) this.codes.encode(this.tables, output);
    output.endFrame();
    return restated;
  }

  #written(file: SegmentFile, tick: boolean, codes: boolean, now: number, restated: readonly number[]): void {
    this.room.bytes += this.#output.length;
    this.tables.written(codes);
    this.holds.written(file.sequence, now, tick, restated);
    this.leases.written(file.sequence, now, tick);
    if (tick) this.#account(this.tick);
    this.#account(this.late);
    if (codes) this.#account(this.codes);
    this.#setHealth('write', true, '');
    this.room.make();
    if (this.#kept.released > 0) this.#sweep();
    if (file.offset >= SEAL_BYTES || this.tables.services >= SEAL_SERVICES) this.seal();
  }

  #account(buffer: EntryBuffer): void {
    const { tally } = buffer;
    this.leases.spend(tally);
    this.#entries += tally.count;
    for (let at = 0; at < tally.count; at++) {
      const minute = tally.minutes[at] ?? 0;
      if (this.firstMinute === 0 || minute < this.firstMinute) this.firstMinute = minute;
      if (tally.types[at] !== ENTRY.use) continue;
      const units = Math.max(0, tally.uses[at] ?? 0);
      this.units += units;
      this.journalled += units;
    }
    buffer.clear();
  }

  #failed(tick: boolean): boolean {
    this.tables.unwritten();
    this.leases.unwritten();
    if (!this.room.full && !this.#overflow) this.#setHealth('write', false, 'a write failed');
    if (!tick) return false;
    this.#overflow = false;
    const serve = this.#settings.full === 'serve';
    if (serve) this.lost += this.tick.usage;
    this.tick.clear();
    this.holds.dropTick();
    this.leases.dropTick();
    return serve;
  }

  #appendSeal(file: SegmentFile): void {
    const output = this.#output;
    output.clear();
    encodeSeal(output, this.units, this.firstMinute, this.#entries);
    if (file.append(output.bytes, output.length)) this.room.bytes += output.length;
    this.room.make();
    this.#sealedAt = file.offset;
  }

  #synced(file: SegmentFile, ok: boolean): void {
    if (file !== this.#file) return;
    this.#syncFailures = ok ? 0 : this.#syncFailures + 1;
    if (ok) return this.#setHealth('sync', true, '');
    this.#deps.log.warn({ code: 'journal_sync_failed', folder: this.#folder }, 'a segment is written once more');
    const rewritten = file.rewritten();
    if (rewritten !== null) this.#file = rewritten;
    if (rewritten === null || this.#syncFailures >= MAX_SYNC_FAILURES)
      this.#setHealth('sync', false, 'it cannot be synced');
  }

  #probe(): void {
    this.#file ??= this.#begin();
    if (this.#file?.probe(PROBE) === true) this.#setHealth('write', true, '');
  }

  #sweep(): void {
    const { oldestStatement } = this.leases;
    this.#kept.sweep(this.holds.used, (kept) => this.holds.outstanding(kept) > 0 || kept >= oldestStatement);
  }

  #setHealth(what: 'write' | 'sync', healthy: boolean, reason: string): void {
    const before = this.#healthy;
    if (healthy) this.#troubles.delete(what);
    else this.#troubles.add(what);
    if (this.#healthy === before) return;
    this.#say(healthy, reason);
  }

  #say(writable: boolean, reason: string): void {
    const { log } = this.#deps;
    if (writable) log.info({ code: 'journal_writable' }, 'the journal can be written again');
    else log.error({ code: 'journal_not_writable', reason, folder: this.#folder }, 'the journal cannot be written');
  }
}
