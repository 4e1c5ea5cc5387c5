import { join } from 'node:path';
import type { Logger } from '../../shared/log.ts';
import type { Disk } from './disk.ts';
import { partsName } from './layout.ts';
import { segmentPath, type SealedSegment } from './segment.ts';

interface Kept {
  readonly segment: SealedSegment;
  released: boolean;
}

/** The sealed segments of this epoch that are still on disk, in their order. */
export class KeptSegments {
  readonly #kept = new Map<number, Kept>();
  readonly #log: Logger;
  readonly #disk: Disk;
  /** Of these, the ones that nobody needs but that must stay for a while. */
  released = 0;
  /** Told of the bytes that became free. */
  readonly #freed: (bytes: number) => void;

  constructor(log: Logger, disk: Disk, freed: (bytes: number) => void) {
    this.#log = log;
    this.#disk = disk;
    this.#freed = freed;
  }

  get size(): number {
    return this.#kept.size;
  }

  add(segment: SealedSegment): void {
    this.#kept.set(segment.sequence, { segment, released: false });
  }

  /** Nobody needs its usage any more. */
  release(sequence: number): void {
    const kept = this.#kept.get(sequence);
    if (kept === undefined || kept.released) return;
    kept.released = true;
    this.released += 1;
  }

  /**
   * Deletes what nobody needs. While usage is held (`ordered`) a segment waits for those before it, because it may
   * resolve what they hold; `blocked` says that one still holds something open.
   */
  sweep(ordered: boolean, blocked: (sequence: number) => boolean): void {
    for (const [sequence, kept] of this.#kept) {
      if (kept.released && !blocked(sequence)) this.#delete(kept.segment);
      else if (ordered) return;
    }
  }

  /** Marks what was released but must stay, so that an adopter does not report it again. */
  mark(sequence: number): void {
    const kept = this.#kept.get(sequence);
    if (kept === undefined) return;
    void this.#disk
      .rename(segmentPath(kept.segment, 'sealed'), segmentPath(kept.segment, 'done'))
      .catch(() => undefined);
  }

  #delete(segment: SealedSegment): void {
    this.#kept.delete(segment.sequence);
    this.released -= 1;
    this.#freed(segment.bytes);
    void removeSegment(this.#disk, segment).catch((error: unknown) => {
      this.#log.warn({ code: 'journal_cannot_delete', error }, 'a segment that is done with could not be deleted');
    });
  }
}

/** Removes a segment in whichever state it is, and what was noted about its delivery after it: in this order. */
export async function removeSegment(disk: Disk, segment: Pick<SealedSegment, 'folder' | 'sequence'>): Promise<void> {
  await disk.remove(segmentPath(segment, 'sealed'));
  await disk.remove(segmentPath(segment, 'done'));
  await disk.remove(join(segment.folder, partsName(segment.sequence)));
}
