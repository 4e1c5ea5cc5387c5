import type { Disk } from '../../gateway/journal/disk.ts';
import type { FileSystem } from '../../gateway/journal/segment-file.ts';
import { DiskError, contentOf, writeAt } from './drive.ts';
import type { Drive, StoredFile } from './drive.ts';
import type { ProcessClock } from './process-clock.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

/** How long a sync takes at most, ms, and how often the disk answers it with an error. */
const SYNC_TIME = 20;
const SYNC_ERRORS = 0.005;

export interface MountDeps {
  readonly drive: Drive;
  readonly clock: ProcessClock;
  readonly timeline: Timeline;
  readonly random: Random;
  /** Bytes that reached a segment, whole writes and what a death in the middle of one leaves: the journal, as it is on the disk. `copied`: it was there before, in another file. */
  readonly written: (file: StoredFile, bytes: Buffer, copied: boolean) => void;
  /** Ends the process. */
  readonly die: () => void;
}

/** The drive as one process sees it: it fails when it is full, and what a dead process still wants does not happen. */
export class Mount {
  /** The process dies in the middle of its next write. */
  tear = false;
  /** It dies before this many further calls that are not for the open segment. */
  callsToLive = Infinity;
  readonly disk: Disk;
  readonly #deps: MountDeps;
  readonly #open = new Map<number, StoredFile>();
  /** Files that are a second copy of one that was written before. */
  readonly #copies = new Set<StoredFile>();
  #descriptors = 0;

  constructor(deps: MountDeps) {
    this.#deps = deps;
    this.disk = { ...this.#reading(), ...this.#changing(), ...this.#locking(), segments: this.#segments() };
  }

  /** The process does not die of its disk after all. */
  spare(): void {
    this.tear = false;
    this.callsToLive = Infinity;
  }

  #reading(): Pick<Disk, 'list' | 'read' | 'readStart' | 'exists' | 'inode'> {
    const { drive } = this.#deps;
    return {
      list: (folder) => this.#call(() => drive.list(folder)),
      read: (path) => this.#call(() => contentOf(drive.file(path))),
      readStart: (path, length) => this.#call(() => contentOf(drive.file(path)).subarray(0, length)),
      exists: (path) => this.#call(() => drive.find(path) !== undefined),
      inode: (path) => drive.inode(path),
    };
  }

  #changing(): Omit<
    Disk,
    'list' | 'read' | 'readStart' | 'exists' | 'inode' | 'takeLock' | 'probeLock' | 'removeLock' | 'segments'
  > {
    const { drive } = this.#deps;
    const write = (path: string, content: Buffer | string): void => {
      if (drive.full) throw new DiskError('ENOSPC', path);
      const bytes = Buffer.from(content);
      writeAt(drive.create(path, false), bytes, bytes.length, 0);
    };
    return {
      write: (path, text) => this.#call(() => write(path, text)),
      writeDurably: (path, content) => this.#call(() => write(path, content)),
      rename: (from, to) => this.#call(() => drive.rename(from, to)),
      copy: (from, to) => this.#call(() => write(to, contentOf(drive.file(from)))),
      truncate: (path, length) => this.#call(() => void (drive.file(path).length = length)),
      remove: (path) => this.#call(() => drive.remove(path)),
      makeFolder: (path) => this.#call(() => drive.makeFolder(path)),
      removeFolder: (path) => this.#call(() => drive.removeFolder(path)),
      removeTree: (path) => this.#call(() => drive.removeTree(path)),
    };
  }

  #locking(): Pick<Disk, 'takeLock' | 'probeLock' | 'removeLock'> {
    const { drive, clock } = this.#deps;
    return {
      takeLock: (path) =>
        this.#call(() => {
          drive.takeLock(path, clock);
          return { close: (done) => done() };
        }),
      probeLock: (path) => this.#call(() => (drive.isLocked(path) ? 'held' : 'free')),
      removeLock: (path) => this.#call(() => drive.removeLock(path)),
    };
  }

  #segments(): FileSystem {
    const { drive, clock, random } = this.#deps;
    return {
      open: (path) => {
        this.#alive(path);
        const file = drive.create(path, true);
        if (path.endsWith('.new')) this.#copies.add(file);
        this.#descriptors += 1;
        this.#open.set(this.#descriptors, file);
        return this.#descriptors;
      },
      write: (fd, bytes, length, position) => this.#write(this.#file(fd), bytes, length, position),
      read: (fd, length) => contentOf(this.#file(fd)).subarray(0, length),
      truncate: (fd, length) => void (this.#file(fd).length = length),
      rename: (from, to) => {
        this.#alive(from);
        drive.rename(from, to);
      },
      remove: (path) => drive.remove(path),
      sync: (_fd, done) => {
        const error = random.chance(SYNC_ERRORS) ? new DiskError('EIO', 'a sync') : null;
        clock.after(random.between(1, SYNC_TIME), () => done(error));
      },
      close: (fd) => void this.#open.delete(fd),
    };
  }

  #write(file: StoredFile, bytes: Buffer, length: number, position: number): number {
    const { drive, random, written, die } = this.#deps;
    const part = this.tear || drive.full ? random.integer(0, length - 1) : length;
    writeAt(file, bytes, part, position);
    const copied = position === 0 && this.#copies.has(file);
    if (part === length || this.tear) written(file, bytes.subarray(0, part), copied);
    if (this.tear) {
      die();
      throw new DiskError('EINTR', 'killed in the middle of a write');
    }
    return part;
  }

  #file(fd: number): StoredFile {
    this.#alive('a segment');
    const file = this.#open.get(fd);
    if (file === undefined) throw new DiskError('EBADF', String(fd));
    return file;
  }

  #alive(path: string): void {
    if (this.#deps.clock.dead) throw new DiskError('ESRCH', path);
  }

  async #call<T>(work: () => T): Promise<T> {
    const { timeline, die } = this.#deps;
    timeline.unsettle();
    this.callsToLive -= 1;
    if (this.callsToLive < 0) die();
    this.#alive('the disk');
    return work();
  }
}
