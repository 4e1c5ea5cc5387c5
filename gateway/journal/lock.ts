import { createConnection, createServer, type Server } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import { MAX_SOCKET_PATH } from './layout.ts';

/** Longest wait for the answer of a lock, ms: longer means that someone holds it but is stopped. */
const PROBE_TIMEOUT = 1_000;

/**
 * A lock that the kernel drops with its process, keeps while the process is stopped, and that works between containers
 * which share the folder: a listening unix socket. Nothing is ever said over it.
 */
export function takeLock(path: string): Promise<Server> {
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) {
    const problem = `the journal's lock ${path} has more than ${MAX_SOCKET_PATH} bytes, which a unix socket cannot have`;
    return Promise.reject(new Error(`${problem}: set JOURNAL_DIR to a shorter path`));
  }
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy());
    server.once('error', reject);
    // In a worker as well the lock is its own, not one that the primary holds for it.
    server.listen({ path, exclusive: true }, () => {
      server.removeListener('error', reject);
      server.on('error', () => undefined);
      server.unref();
      resolve(server);
    });
  });
}

/** `free`: nobody listens, the process is gone. `held`: it lives, or that cannot be told. */
export function probeLock(path: string, clock: Clock): Promise<'free' | 'held'> {
  return new Promise((resolve) => {
    const connection = createConnection({ path });
    const timer = clock.after(PROBE_TIMEOUT, () => done('held'));
    function done(state: 'free' | 'held'): void {
      timer.cancel();
      connection.destroy();
      resolve(state);
    }
    connection.once('connect', () => done('held'));
    connection.on('error', (error: NodeJS.ErrnoException) => {
      done(error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? 'free' : 'held');
    });
  });
}
