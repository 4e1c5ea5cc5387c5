import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { hasCode } from './errno.ts';
import type { FileSystem } from './segment-file.ts';

/** For the next segment while the one before is still being synced, and one more for the one after. */
const SPARE = 3;

/**
 * File descriptors in reserve: where clients have taken all that the process may have (EMFILE), the next segment can
 * still be opened. What a segment gives back goes to the reserve first, before a client can take it.
 */
export class SpareDescriptors {
  readonly #fds: number[] = [];

  constructor() {
    this.refill();
  }

  /** Opens with the reserve when there is nothing else. */
  open(open: () => number): number {
    try {
      return open();
    } catch (error) {
      const spare = hasCode(error, 'EMFILE') || hasCode(error, 'ENFILE') ? this.#fds.pop() : undefined;
      if (spare === undefined) throw error;
      closeSync(spare);
      return open();
    }
  }

  /** Tries to fill the reserve. */
  refill(): void {
    try {
      while (this.#fds.length < SPARE) this.#fds.push(openSync(devNull, 'r'));
    } catch {
      // There are none to be had at present.
    }
  }

  /** `fd` is not needed any more: it is closed and goes to the reserve. False: the reserve is full, it is to be closed otherwise. */
  take(fd: number): boolean {
    if (this.#fds.length >= SPARE) return false;
    closeSync(fd);
    this.refill();
    return true;
  }

  close(): void {
    for (const fd of this.#fds.splice(0)) closeSync(fd);
  }
}

/** The same file system, with the reserve. */
export function withSpare(fs: FileSystem, spare: SpareDescriptors): FileSystem {
  return {
    ...fs,
    open: (path) => spare.open(() => fs.open(path)),
    close: (fd) => {
      if (!spare.take(fd)) fs.close(fd);
    },
  };
}
