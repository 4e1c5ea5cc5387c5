import { join } from 'node:path';
import type { Clock, Timer } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import { closeEpoch, forgetLeases, isEmptyEpoch, removeEpoch, sealedSegments } from './dead-epoch.ts';
import { realDisk, type Disk } from './disk.ts';
import { hasCode } from './errno.ts';
import { removeSegment } from './kept.ts';
import { lockPath, parseEpochFolder, sendingPath } from './layout.ts';
import type { LeaseLevel } from './leftovers.ts';
import { provenance, readOwnerFile } from './owner-file.ts';
import type { SealedSegment } from './segment.ts';

/** How often the journal's folder is searched for what dead processes left, ms. */
const INTERVAL = 5_000;
/** Reading a long journal tells of its progress this often, ms. */
const PROGRESS_INTERVAL = 1_000;

export interface AdoptionDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Default: the real one. */
  readonly disk?: Disk;
  /** Takes the segments of one epoch, all of them at once. */
  readonly adopted: (segments: readonly SealedSegment[], source: AdoptedSource) => void;
  /** Closes leases; `closed` is called with the number of each when that is safe. Null: this mode has no leases. */
  readonly closeLeases:
    | ((epoch: string, leases: readonly LeaseLevel[], closed: (number: number) => void) => void)
    | null;
  /** Whether a batch that is delivered twice counts once; null: not known yet. Copies are delivered only then. */
  readonly recognisesRepeats: () => boolean | null;
  /** By an operator's word: copies are taken over whole, as the journals of dead processes are. */
  readonly takeCopies: boolean;
  /** Bytes of adopted segments that are on disk, more or fewer. */
  readonly occupied: (bytes: number) => void;
}

export interface AdoptedSource {
  delivered(sequence: number): void;
  parked(sequence: number): void;
  release(sequence: number): void;
}

/**
 * Looks for the folders of dead processes and takes them over (protocol R10). Whose lock is held lives. A dead one's
 * folder is claimed by renaming it, which only one process can do.
 */
export class Adoption {
  epochs = 0;
  tornBytes = 0;
  readonly #directory: string;
  readonly #own: string;
  readonly #deps: AdoptionDeps;
  readonly #disk: Disk;
  /** Folders that were seen to be copies, or cannot be taken. */
  readonly #seen = new Set<string>();
  /** Claimed folders, with their epoch, whose end could not be worked out yet: a full disk passes. */
  readonly #unfinished = new Map<string, string>();
  #timer: Timer | null = null;
  #looking: Promise<void> | null = null;

  /** `own`: this process's epoch. */
  constructor(directory: string, own: string, deps: AdoptionDeps) {
    this.#directory = directory;
    this.#own = own;
    this.#deps = deps;
    this.#disk = deps.disk ?? realDisk;
  }

  start(): void {
    this.#timer = this.#deps.clock.every(INTERVAL, () => void this.look());
    void this.look();
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#looking;
  }

  /** A process was seen to die: searches after a search that is under way. */
  async lookAgain(): Promise<void> {
    await this.#looking;
    await this.look();
  }

  /** One search; those that are called for meanwhile wait for it. */
  look(): Promise<void> {
    this.#looking ??= this.#search().finally(() => (this.#looking = null));
    return this.#looking;
  }

  async #search(): Promise<void> {
    for (const [folder, epoch] of this.#unfinished) await this.#adopt(folder, epoch).catch(() => undefined);
    const names = await this.#disk.list(this.#directory).catch((): string[] => []);
    for (const name of names) {
      const parsed = parseEpochFolder(name);
      if (parsed === null || parsed.epoch === this.#own || this.#seen.has(name)) continue;
      const keeper = parsed.claimer ?? parsed.epoch.slice(0, 8);
      if (keeper === this.#own.slice(0, 8)) continue;
      try {
        if (
          (await this.#isFree(keeper)) &&
          (parsed.claimer === null || (await this.#isFree(parsed.epoch.slice(0, 8))))
        ) {
          await this.#take(name, parsed.epoch, keeper);
        }
      } catch (error) {
        this.#seen.add(name);
        this.#deps.log.error(
          { code: 'adoption_failed', folder: name, error },
          'the journal of a dead process could not be taken over',
        );
      }
    }
  }

  /** It is dead, and then: nobody sends for it any more. In this order; who sends looks the other way round. */
  async #isFree(keeper: string): Promise<boolean> {
    for (const path of [lockPath(this.#directory, keeper), sendingPath(this.#directory, keeper)]) {
      if ((await this.#disk.probeLock(path, this.#deps.clock)) === 'held') return false;
    }
    return true;
  }

  async #take(name: string, epoch: string, keeper: string): Promise<void> {
    const folder = join(this.#directory, name);
    const owner = await readOwnerFile(this.#disk, folder);
    if (owner === null && (await isEmptyEpoch(this.#disk, folder))) return this.#removeEmpty(folder, keeper);
    const original = owner?.epoch === epoch && provenance(this.#disk, folder, owner) === 'original';
    if (!original && !this.#deps.takeCopies) return this.#takeCopy(name, folder, epoch);
    const claimed = join(this.#directory, `${epoch}.${this.#own.slice(0, 8)}`);
    try {
      await this.#disk.rename(folder, claimed);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return;
      throw error;
    }
    await this.#disk.removeLock(lockPath(this.#directory, keeper)).catch(() => undefined);
    await this.#disk.removeLock(sendingPath(this.#directory, keeper)).catch(() => undefined);
    this.#unfinished.set(claimed, epoch);
    await this.#adopt(claimed, epoch);
  }

  async #adopt(folder: string, epoch: string): Promise<void> {
    const { log, clock, adopted, occupied, closeLeases } = this.#deps;
    const dead = await closeEpoch(this.#disk, folder, epoch, clock.now(), this.#readingOf(epoch));
    this.#unfinished.delete(folder);
    this.epochs += 1;
    this.tornBytes += dead.tornBytes;
    const { segments, leases, tornBytes } = dead;
    log.warn(
      { code: 'journal_adopted', epoch, segments: segments.length, leases: leases.length, tornBytes },
      'the journal of a dead process is delivered',
    );
    for (const { bytes } of segments) occupied(bytes);
    const estate = new Estate(this.#disk, dead.folder, segments, leases, (bytes) => occupied(-bytes));
    if (segments.length > 0) adopted(segments, estate);
    if (leases.length > 0) closeLeases?.(epoch, leases, (number) => estate.leaseClosed(number));
    estate.settle();
  }

  #readingOf(epoch: string): (done: number, of: number) => void {
    const { clock, log } = this.#deps;
    let toldAt = clock.monotonic();
    return (done, of) => {
      const now = clock.monotonic();
      if (now - toldAt < PROGRESS_INTERVAL) return;
      toldAt = now;
      log.info({ code: 'adoption_progress', epoch, read: done, of }, 'reading the journal of a dead process');
    };
  }

  /** A folder that was copied, or written on another machine: its process may live where its lock says nothing to us. */
  async #takeCopy(name: string, folder: string, epoch: string): Promise<void> {
    const { log, adopted, recognisesRepeats } = this.#deps;
    const safe = recognisesRepeats();
    if (safe === null) return;
    this.#seen.add(name);
    const segments = safe ? await sealedSegments(this.#disk, folder, epoch) : [];
    log.error(
      { code: 'journal_copy', folder, segments: segments.length },
      'this journal was copied or is of another machine: sealed segments are delivered where repeats are recognised, the rest waits for `tallygate journal replay`',
    );
    if (segments.length > 0)
      adopted(segments, { delivered: () => undefined, parked: () => undefined, release: () => undefined });
  }

  async #removeEmpty(folder: string, keeper: string): Promise<void> {
    try {
      await this.#disk.removeFolder(folder);
      await this.#disk.removeLock(lockPath(this.#directory, keeper)).catch(() => undefined);
    } catch {
      this.#seen.add(folder);
    }
  }
}

/** What is left of a dead process: goes piece by piece, its folder last. */
class Estate implements AdoptedSource {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #segments: Map<number, SealedSegment>;
  readonly #leases: Set<number>;
  readonly #freed: (bytes: number) => void;

  constructor(
    disk: Disk,
    folder: string,
    segments: readonly SealedSegment[],
    leases: readonly LeaseLevel[],
    freed: (bytes: number) => void,
  ) {
    this.#disk = disk;
    this.#folder = folder;
    this.#segments = new Map(segments.map((segment) => [segment.sequence, segment]));
    this.#leases = new Set(leases.map(({ number }) => number));
    this.#freed = freed;
  }

  delivered(): void {}
  parked(): void {}

  release(sequence: number): void {
    const segment = this.#segments.get(sequence);
    if (segment === undefined) return;
    this.#segments.delete(sequence);
    this.#freed(segment.bytes);
    void removeSegment(this.#disk, segment)
      .then(() => this.settle())
      .catch(() => undefined);
  }

  leaseClosed(number: number): void {
    this.#leases.delete(number);
    if (this.#leases.size > 0) return;
    // A disk that does not take the note does no harm: the next adopter closes them once more.
    void forgetLeases(this.#disk, this.#folder)
      .catch(() => undefined)
      .then(() => this.settle());
  }

  /** Nothing is left: the folder goes. */
  settle(): void {
    if (this.#segments.size > 0 || this.#leases.size > 0) return;
    void removeEpoch(this.#disk, this.#folder).catch(() => undefined);
  }
}
