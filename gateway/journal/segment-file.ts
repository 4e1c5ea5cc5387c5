import { close, fdatasync, ftruncateSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { segmentName } from './layout.ts';

/** The file system calls of a segment, so that a test can make a disk fail. */
export interface FileSystem {
  readonly open: (path: string) => number;
  readonly write: (fd: number, bytes: Buffer, length: number, position: number) => number;
  /** The first `length` bytes. */
  readonly read: (fd: number, length: number) => Buffer;
  readonly truncate: (fd: number, length: number) => void;
  readonly rename: (from: string, to: string) => void;
  readonly remove: (path: string) => void;
  readonly sync: (fd: number, done: (error: Error | null) => void) => void;
  readonly close: (fd: number) => void;
}

export const realFileSystem: FileSystem = {
  open: (path) => openSync(path, 'wx+', 0o600),
  write: (fd, bytes, length, position) => writeSync(fd, bytes, 0, length, position),
  read: (fd, length) => {
    const bytes = Buffer.allocUnsafeSlow(length);
    return bytes.subarray(0, readSync(fd, bytes, 0, length, 0));
  },
  truncate: (fd, length) => ftruncateSync(fd, length),
  rename: (from, to) => renameSync(from, to),
  remove: (path) => rmSync(path, { force: true }),
  sync: (fd, done) => fdatasync(fd, done),
  close: (fd) => close(fd, () => undefined),
};

/** One segment file that is being written. Every fault is a value. */
export class SegmentFile {
  readonly sequence: number;
  /** Bytes that are good: everything beyond is not part of the segment. */
  offset = 0;
  readonly #folder: string;
  readonly #fs: FileSystem;
  readonly #fd: number;
  /** A failed write may have left bytes beyond the offset. */
  #dirty = false;
  #syncing = false;
  #closing = false;
  /** The offset up to which the disk has it for certain. */
  synced = 0;

  private constructor(folder: string, sequence: number, fd: number, fs: FileSystem) {
    this.#folder = folder;
    this.sequence = sequence;
    this.#fd = fd;
    this.#fs = fs;
  }

  /** Null when it cannot be made. */
  static create(folder: string, sequence: number, fs: FileSystem): SegmentFile | null {
    try {
      return new SegmentFile(folder, sequence, fs.open(join(folder, segmentName(sequence, 'open'))), fs);
    } catch {
      return null;
    }
  }

  /** All of it or nothing: after a failed or short write the file is cut back to what it was. */
  append(bytes: Buffer, length: number): boolean {
    if (this.#dirty && !this.#cutBack()) return false;
    try {
      if (this.#fs.write(this.#fd, bytes, length, this.offset) === length) {
        this.offset += length;
        return true;
      }
    } catch {
      // Full, read-only or broken: the caller's answer is the same.
    }
    this.#dirty = true;
    this.#cutBack();
    return false;
  }

  /** Starts a sync off the event loop, one at a time; `done` is told whether the disk took it. */
  sync(done: (ok: boolean) => void): void {
    if (this.#syncing || this.#closing || this.synced === this.offset) return;
    this.#startSync(done);
  }

  /** Ends it under its sealed name. False: it could not be renamed, it is still open. */
  seal(): boolean {
    if (this.#dirty && !this.#cutBack()) return false;
    try {
      this.#fs.rename(
        join(this.#folder, segmentName(this.sequence, 'open')),
        join(this.#folder, segmentName(this.sequence, 'sealed')),
      );
      return true;
    } catch {
      return false;
    }
  }

  /**
   * The same content once more, in another file that takes this one's name: after a failed sync nobody knows what of
   * this one is on the disk. Null when that cannot be done.
   */
  rewritten(): SegmentFile | null {
    const path = join(this.#folder, segmentName(this.sequence, 'open'));
    try {
      const bytes = this.#fs.read(this.#fd, this.offset);
      this.#fs.remove(`${path}.new`);
      const file = new SegmentFile(this.#folder, this.sequence, this.#fs.open(`${path}.new`), this.#fs);
      if (bytes.length !== this.offset || !file.append(bytes, bytes.length)) {
        file.close(false);
        return null;
      }
      this.#fs.rename(`${path}.new`, path);
      this.close(false);
      return file;
    } catch {
      return null;
    }
  }

  /** Can the disk take `bytes` more? Leaves nothing behind. */
  probe(bytes: Buffer): boolean {
    if (this.#dirty && !this.#cutBack()) return false;
    try {
      this.#dirty = true;
      return this.#fs.write(this.#fd, bytes, bytes.length, this.offset) === bytes.length && this.#cutBack();
    } catch {
      this.#cutBack();
      return false;
    }
  }

  /** Lets go of the file, after a last sync when `durable`. */
  close(durable: boolean): void {
    if (durable) this.sync(() => undefined);
    this.#closing = true;
    if (!this.#syncing) this.#fs.close(this.#fd);
  }

  #startSync(done: (ok: boolean) => void): void {
    this.#syncing = true;
    const offset = this.offset;
    this.#fs.sync(this.#fd, (error) => {
      this.#syncing = false;
      if (error === null) this.synced = offset;
      if (!this.#closing) done(error === null);
      else if (error === null && this.synced < this.offset) this.#startSync(done);
      else this.#fs.close(this.#fd);
    });
  }

  #cutBack(): boolean {
    try {
      this.#fs.truncate(this.#fd, this.offset);
      this.#dirty = false;
      return true;
    } catch {
      return false;
    }
  }
}
