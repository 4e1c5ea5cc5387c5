import type { Worker } from 'node:cluster';

interface Closable {
  close(): void;
}

/**
 * Node's primary keeps a connection open that it has handed to a worker which dies before it takes it: the client would
 * wait for an answer until its own time-out. There is at most one per worker; here it is closed with it.
 */
export class LostConnections {
  /** The worker that a connection was handed to last. */
  readonly #holders = new WeakMap<Closable, Worker>();

  /** Sees what is handed to `worker`, from now to its end. */
  follow(worker: Worker): void {
    const { process } = worker;
    const send: unknown = Reflect.get(process, 'send');
    if (typeof send !== 'function') return;
    let last: Closable | null = null;
    Reflect.set(process, 'send', (message: unknown, handle: unknown, ...rest: unknown[]): unknown => {
      if (isClosable(handle)) {
        last = handle;
        this.#holders.set(handle, worker);
      }
      const sent: unknown = Reflect.apply(send, process, [message, handle, ...rest]);
      return sent;
    });
    // One that was given back went to another since, or was closed: closing it again does nothing.
    worker.once('exit', () => {
      if (last !== null && this.#holders.get(last) === worker) last.close();
    });
  }
}

function isClosable(handle: unknown): handle is Closable {
  return typeof handle === 'object' && handle !== null && 'close' in handle && typeof handle.close === 'function';
}
