import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { systemClock } from '../../shared/clock.ts';
import type { UpstreamScript } from './attack-case.ts';
import type { Framing, RecordedRequest } from './canonical.ts';
import { RecordedConnection } from './recorded-connection.ts';
import type { Recorder } from './recorded-connection.ts';

const POISON = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\nX-Poison: 1\r\n\r\nPOISON';

/** What had come to the upstream at some moment. */
export interface Recorded {
  readonly requests: readonly RecordedRequest[];
  readonly violations: readonly string[];
  /** The bytes of each connection. */
  readonly texts: readonly string[];
}

/** What comes to the upstream while one case runs. */
export class Recording implements Recorder {
  readonly connections: RecordedConnection[] = [];
  readonly script: UpstreamScript | null;
  readonly #sequence: () => number;

  constructor(script: UpstreamScript | null, sequence: () => number) {
    this.script = script;
    this.#sequence = sequence;
  }

  /** A copy: connections that are kept alive go on to other cases. */
  freeze(): Recorded {
    return {
      requests: this.connections.flatMap((connection) => connection.requests),
      violations: this.connections.flatMap((connection) => connection.violations),
      texts: this.connections.map((connection) => connection.text),
    };
  }

  begun(connection: RecordedConnection, framing: Framing): void {
    const { socket } = connection;
    if (framing.expectsContinue && this.script === null) socket.write('HTTP/1.1 100 Continue\r\n\r\n');
    if (this.script === null || this.script.mode === 'big' || connection.scripted || isCanary(framing.request)) return;
    connection.scripted = true;
    play(this.script, socket);
  }

  complete(connection: RecordedConnection, request: RecordedRequest): void {
    if (connection.scripted && !isCanary(request)) return;
    const { socket } = connection;
    const { script } = this;
    if (script?.mode === 'big' && !isCanary(request)) {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${script.size}\r\n\r\n`);
      socket.write(Buffer.alloc(script.size, 'x'));
      return;
    }
    const body = `echo:${request.method} ${request.target} len=${request.body.length}`;
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nX-Seq: ${this.#sequence()}\r\n\r\n`;
    socket.write(`${head}${request.method === 'HEAD' ? '' : body}`);
  }
}

/** The upstream of all cases: records what comes, and answers by the script of the case that runs. */
export class RecordingUpstream {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #recording: Recording;
  #sequence = 0;

  constructor() {
    this.#recording = this.record(null);
    this.#server = createServer((socket) => this.#accept(socket));
  }

  get port(): number {
    const address: string | AddressInfo | null = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the upstream does not listen');
    return address.port;
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** From now on everything belongs to a new recording. */
  record(script: UpstreamScript | null): Recording {
    this.#recording = new Recording(script, () => ++this.#sequence);
    return this.#recording;
  }

  #accept(socket: Socket): void {
    let recording = this.#recording;
    const recorder: Recorder = {
      begun: (connection, framing) => recording.begun(connection, framing),
      complete: (connection, request) => recording.complete(connection, request),
    };
    const connection = new RecordedConnection(socket, recorder);
    recording.connections.push(connection);
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (bytes: Buffer) => {
      if (recording !== this.#recording) {
        recording = this.#recording;
        connection.forget();
        recording.connections.push(connection);
      }
      connection.receive(bytes);
    });
  }
}

/** The plain requests after each case: they must get their own answers, whatever the case left behind. */
function isCanary(request: RecordedRequest): boolean {
  return request.target.includes('canary=');
}

function play(script: UpstreamScript, socket: Socket): void {
  if (script.mode === 'respond-at-headers') {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly');
    return;
  }
  if (script.bytes.length > 0) socket.write(script.bytes);
  if (script.after === 'close') systemClock.after(30, () => socket.end());
  if (script.after === 'poison-when-idle') systemClock.after(200, () => socket.write(POISON));
}
