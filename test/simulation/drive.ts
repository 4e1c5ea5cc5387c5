import { basename, dirname } from 'node:path';
import type { ProcessClock } from './process-clock.ts';

/** A file's bytes, and what has been read of them by whoever watches the drive. */
export interface StoredFile {
  bytes: Buffer;
  length: number;
}

interface Folder {
  readonly inode: number;
  readonly files: Map<string, StoredFile>;
}

/** An error as node:fs throws it. */
export class DiskError extends Error {
  readonly code: string;

  constructor(code: string, path: string) {
    super(`${code}: ${path}`);
    this.code = code;
  }
}

/** The disk of a machine: processes come and go, the files stay. Locks go with their process. */
export class Drive {
  /** It takes nothing more: a write ends somewhere in the middle. */
  full = false;
  readonly #folders = new Map<string, Folder>();
  readonly #locks = new Map<string, ProcessClock>();
  #inodes = 1;

  list(path: string): string[] {
    const folder = this.#folders.get(path);
    if (folder === undefined) throw new DiskError('ENOENT', path);
    const folders = [...this.#folders.keys()].filter((each) => dirname(each) === path);
    return [...folders.map((each) => basename(each)), ...folder.files.keys()];
  }

  find(path: string): StoredFile | undefined {
    return this.#folders.get(dirname(path))?.files.get(basename(path));
  }

  file(path: string): StoredFile {
    const file = this.find(path);
    if (file === undefined) throw new DiskError('ENOENT', path);
    return file;
  }

  create(path: string, exclusive: boolean): StoredFile {
    const folder = this.#folders.get(dirname(path));
    if (folder === undefined) throw new DiskError('ENOENT', path);
    const name = basename(path);
    if (exclusive && folder.files.has(name)) throw new DiskError('EEXIST', path);
    const file = { bytes: Buffer.alloc(256), length: 0 };
    folder.files.set(name, file);
    return file;
  }

  rename(from: string, to: string): void {
    const moved = this.#folders.get(from);
    if (moved !== undefined) {
      this.#folders.delete(from);
      this.#folders.set(to, moved);
      return;
    }
    const file = this.file(from);
    const target = this.#folders.get(dirname(to));
    if (target === undefined) throw new DiskError('ENOENT', to);
    this.remove(from);
    target.files.set(basename(to), file);
  }

  remove(path: string): void {
    this.#folders.get(dirname(path))?.files.delete(basename(path));
  }

  makeFolder(path: string): void {
    if (this.#folders.has(path)) return;
    this.#inodes += 1;
    this.#folders.set(path, { inode: this.#inodes, files: new Map() });
  }

  removeFolder(path: string): void {
    const folder = this.#folders.get(path);
    if (folder === undefined) throw new DiskError('ENOENT', path);
    if (folder.files.size > 0) throw new DiskError('ENOTEMPTY', path);
    this.#folders.delete(path);
  }

  removeTree(path: string): void {
    this.#folders.delete(path);
  }

  inode(path: string): number {
    const folder = this.#folders.get(path);
    if (folder === undefined) throw new DiskError('ENOENT', path);
    return folder.inode;
  }

  takeLock(path: string, holder: ProcessClock): void {
    if (this.isLocked(path)) throw new DiskError('EADDRINUSE', path);
    this.#locks.set(path, holder);
  }

  isLocked(path: string): boolean {
    return this.#locks.get(path)?.dead === false;
  }

  removeLock(path: string): void {
    if (!this.#locks.delete(path)) throw new DiskError('ENOENT', path);
  }
}

/** Writes at a place, as far as `length`; the file grows. */
export function writeAt(file: StoredFile, bytes: Buffer, length: number, position: number): void {
  const end = position + length;
  if (end > file.bytes.length) {
    const larger = Buffer.alloc(Math.max(end, 2 * file.bytes.length));
    file.bytes.copy(larger, 0, 0, file.length);
    file.bytes = larger;
  }
  bytes.copy(file.bytes, position, 0, length);
  file.length = Math.max(file.length, end);
}

export function contentOf(file: StoredFile): Buffer {
  return Buffer.from(file.bytes.subarray(0, file.length));
}
