import { closeSync, constants, openSync, statSync, unlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../../../shared/clock.ts';

/** Longest path of a unix socket, bytes: Node cuts longer ones off without a word. */
const MAX_SOCKET_PATH = 100;
/** How long a process that holds the lock may take to accept a connection, ms. */
const PATIENCE = 2_000;
const NAME = 'lock';

/** The folder belongs to this process until `release`. */
export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Takes the folder for this process alone: a listening unix socket in it, which the kernel closes when its process
 * ends in whatever way, and which stands while the process is only stopped. Throws, saying what to do, when another
 * process has it.
 */
export async function lockFolder(folder: string, clock: Clock): Promise<FolderLock> {
  const held = socketPath(folder);
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      const before = identityOf(held.path);
      const server = await listen(held.path);
      if (server !== null) return { release: () => close(server, held.close) };
      if (await isAlive(held.path, clock)) break;
      // Left behind by a process that has ended; not if another one has just put its own there.
      if (before !== null && identityOf(held.path) === before) unlinkSync(held.path);
    }
  } catch (error) {
    held.close();
    throw error;
  }
  held.close();
  throw new Error(
    `the store in ${folder} is in use by another process: stop that one, or set DATA_DIR to another folder (several processes need Redis: set REDIS_URL)`,
  );
}

/** On Linux a long path is reached through the open folder. */
function socketPath(folder: string): { readonly path: string; readonly close: () => void } {
  const path = join(folder, NAME);
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return { path, close: () => undefined };
  if (process.platform !== 'linux') {
    throw new Error(
      `the path of the store, ${folder}, is too long for a lock (${MAX_SOCKET_PATH} bytes): set DATA_DIR to a shorter one`,
    );
  }
  const handle = openSync(folder, constants.O_RDONLY);
  return { path: `/proc/self/fd/${handle}/${NAME}`, close: () => closeSync(handle) };
}

/** Null when the path is taken. */
function listen(path: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    );
    server.listen(path, () => resolve(server.unref()));
  });
}

/** A process that does not answer in time is taken for alive: it may be stopped, and come back. */
function isAlive(path: string, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const timer = clock.after(PATIENCE, () => end(true));
    const end = (alive: boolean): void => {
      timer.cancel();
      socket.destroy();
      resolve(alive);
    };
    socket.once('connect', () => end(true));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'),
    );
  });
}

function identityOf(path: string): string | null {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.ino} ${stat.ctimeNs}`;
}

function close(server: Server, after: () => void): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      after();
      resolve();
    });
  });
}
