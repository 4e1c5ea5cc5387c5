import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { UpstreamConfig } from './config.ts';
import { serverNameOf } from './upstream-target.ts';
import type { UpstreamTarget } from './upstream-target.ts';

/** Size of the one buffer into which all plain connections of a pool read: what is read is used or copied at once. */
const READ_SIZE = 65_536;

export interface SocketOwner {
  connected(): void;
  received(bytes: Buffer, length: number): void;
  drained(): void;
  /** The upstream has sent its last byte. */
  ended(): void;
  /** The socket is gone; `error` says why when it was not the end. */
  closed(error: Error | null): void;
}

/** Opens the connections of one pool. */
export class UpstreamSockets {
  readonly #target: UpstreamTarget;
  readonly #config: UpstreamConfig;
  readonly #fault: (error: unknown) => void;
  readonly #buffer = Buffer.allocUnsafeSlow(READ_SIZE);

  /** `fault` hears of what an owner throws. */
  constructor(target: UpstreamTarget, config: UpstreamConfig, fault: (error: unknown) => void) {
    this.#fault = fault;
    this.#target = target;
    this.#config = config;
  }

  open(owner: SocketOwner): Socket {
    const socket = this.#target.secure ? this.#openTls(owner) : this.#openPlain(owner);
    let failure: Error | null = null;
    socket.on('drain', () => this.#guard(() => owner.drained()));
    socket.on('end', () => this.#guard(() => owner.ended()));
    socket.on('error', (error: Error) => (failure = error));
    socket.on('close', () => this.#guard(() => owner.closed(failure)));
    return socket;
  }

  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#fault(error);
    }
  }

  #openPlain(owner: SocketOwner): Socket {
    const { host, port, path } = this.#target;
    const onread = {
      buffer: this.#buffer,
      callback: (length: number): boolean => {
        owner.received(this.#buffer, length);
        return true;
      },
    };
    const socket = path === '' ? connect({ host, port, noDelay: true, onread }) : connect({ path, onread });
    socket.on('connect', () => owner.connected());
    return socket;
  }

  #openTls(owner: SocketOwner): Socket {
    const { host, port } = this.#target;
    const { certificateAuthority, serverName } = this.#config;
    const socket = connectTls({
      host,
      port,
      servername: serverName ?? serverNameOf(this.#target),
      ALPNProtocols: ['http/1.1'],
      ...(certificateAuthority === null ? {} : { ca: certificateAuthority }),
    });
    socket.setNoDelay(true);
    socket.on('secureConnect', () => owner.connected());
    socket.on('data', (bytes: Buffer) => owner.received(bytes, bytes.length));
    return socket;
  }
}
