import { rmSync, statSync } from 'node:fs';
import {
  copyFile,
  mkdir,
  open,
  readFile,
  readdir,
  rename,
  rm,
  rmdir,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises';
import type { Clock } from '../../shared/clock.ts';
import { hasCode } from './errno.ts';
import { probeLock, takeLock } from './lock.ts';
import { realFileSystem, type FileSystem } from './segment-file.ts';

/** A lock that is held until it is closed, or its process ends. */
export interface Lock {
  close(done: () => void): unknown;
}

/**
 * The file system and the locks, as the journal and the delivery of its segments use them: the simulation puts a disk of
 * its own in their place. Every call rejects as node:fs does.
 */
export interface Disk {
  /** Calls for a segment that is being written: synchronous, in the tick. */
  readonly segments: FileSystem;
  readonly list: (folder: string) => Promise<string[]>;
  readonly read: (path: string) => Promise<Buffer>;
  /** The first `length` bytes, or all that there are. */
  readonly readStart: (path: string, length: number) => Promise<Buffer>;
  readonly exists: (path: string) => Promise<boolean>;
  /** A small new file, which may be torn by a crash. */
  readonly write: (path: string, text: string) => Promise<void>;
  /** On the disk when it resolves: a crash leaves the whole file or the one before it. */
  readonly writeDurably: (path: string, content: Buffer | string) => Promise<void>;
  readonly rename: (from: string, to: string) => Promise<void>;
  readonly copy: (from: string, to: string) => Promise<void>;
  readonly truncate: (path: string, length: number) => Promise<void>;
  /** A file that is not there is fine. */
  readonly remove: (path: string) => Promise<void>;
  /** With what is above it; one that is there is fine. */
  readonly makeFolder: (path: string) => Promise<void>;
  /** Must be empty. */
  readonly removeFolder: (path: string) => Promise<void>;
  /** With all that is in it. */
  readonly removeTree: (path: string) => Promise<void>;
  /** Tells a folder from its copy. */
  readonly inode: (path: string) => number;
  readonly takeLock: (path: string) => Promise<Lock>;
  /** `free`: its process is gone. `held`: it lives, or that cannot be told. */
  readonly probeLock: (path: string, clock: Clock) => Promise<'free' | 'held'>;
  readonly removeLock: (path: string) => Promise<void>;
}

/** The real one. */
export const realDisk: Disk = {
  segments: realFileSystem,
  list: (folder) => readdir(folder),
  read: (path) => readFile(path),
  readStart,
  exists: async (path) => {
    try {
      await (await open(path, 'r')).close();
      return true;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return false;
      throw error;
    }
  },
  write: (path, text) => writeFile(path, text, { mode: 0o600 }),
  writeDurably,
  rename: (from, to) => rename(from, to),
  copy: (from, to) => copyFile(from, to),
  truncate: (path, length) => truncate(path, length),
  remove: (path) => rm(path, { force: true }),
  makeFolder: async (path) => void (await mkdir(path, { recursive: true, mode: 0o700 })),
  removeFolder: (path) => rmdir(path),
  // In one go: nothing of this process can put a file into it meanwhile.
  removeTree: async (path) => rmSync(path, { recursive: true, force: true }),
  inode: (path) => statSync(path).ino,
  takeLock,
  probeLock,
  removeLock: (path) => unlink(path),
};

async function readStart(path: string, length: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const bytes = Buffer.allocUnsafeSlow(Math.min(size, length));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function writeDurably(path: string, content: Buffer | string): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}
