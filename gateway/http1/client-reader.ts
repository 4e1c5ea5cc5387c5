import { Socket } from 'node:net';
import { HIGH_WATER } from './output.ts';

/** Size of the one buffer into which all client connections read: what is read is used or copied at once. */
const READ_SIZE = 65_536;

/** Who gets what is read: `bytes[0, length)`, valid until it returns. */
export interface ByteSink {
  receive(bytes: Buffer, length: number): void;
}

/**
 * Reads accepted sockets into one buffer. `net` offers that (`onread`) only for sockets that one makes oneself, so an
 * accepted connection is moved to a socket of ours: its handle is not documented, but is the same in all versions that
 * we support. Where there is none the socket is read in the ordinary way, with an allocation for each read.
 */
export class ClientReader {
  readonly #buffer = Buffer.allocUnsafeSlow(READ_SIZE);

  /** The socket to use in place of `accepted`, which was not read from yet. */
  adopt(accepted: Socket, sink: ByteSink): Socket {
    const handle: unknown = Reflect.get(accepted, '_handle');
    if (typeof handle !== 'object' || handle === null || Object.getPrototypeOf(accepted) !== Socket.prototype) {
      accepted.on('data', (bytes: Buffer) => sink.receive(bytes, bytes.length));
      return accepted;
    }
    Reflect.set(accepted, '_handle', null);
    const buffer = this.#buffer;
    const callback = (length: number): boolean => {
      sink.receive(buffer, length);
      return true;
    };
    const onread = { buffer, callback };
    const high = { readableHighWaterMark: HIGH_WATER, writableHighWaterMark: HIGH_WATER };
    const options = { allowHalfOpen: true, readable: true, writable: true, ...high, handle, onread };
    return new Socket(options);
  }
}
