import { connect } from 'node:net';
import type { Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
/** The answers are small; what is longer comes in pieces. */
const READ_BUFFER = Buffer.alloc(65_536);

export interface ConnectionEvents {
  /** The answer to the request that was to be sent at `intended` (ms) is complete. */
  readonly answered: (intended: number) => void;
  /** It takes the next request. */
  readonly free: (connection: Connection) => void;
  readonly failed: (fault: string) => void;
}

/** A kept connection to a candidate, one request at a time; when the other side ends it with an answer it is made again. */
export class Connection {
  private socket: Socket | null = null;
  private readonly port: number;
  private readonly expected: string;
  private readonly events: ConnectionEvents;
  private intended = 0;
  private left = 0;
  private last = false;

  constructor(port: number, status: number, events: ConnectionEvents) {
    this.port = port;
    this.expected = `HTTP/1.1 ${status} `;
    this.events = events;
  }

  /** Connects; `free` follows. */
  open(): void {
    const socket = connect(
      {
        port: this.port,
        host: '127.0.0.1',
        noDelay: true,
        // Without a stream and a buffer for each answer: the generator must not be what is measured.
        onread: { buffer: READ_BUFFER, callback: (size) => this.read(READ_BUFFER.subarray(0, size)) },
      },
      () => this.events.free(this),
    );
    this.socket = socket;
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (this.socket === socket) this.events.failed('a kept connection was closed');
    });
  }

  /** `intended`: when the request was to be sent, monotonic ms, however late it is now. */
  send(request: Buffer, intended: number): void {
    this.intended = intended;
    this.socket?.write(request);
  }

  close(): void {
    const { socket } = this;
    this.socket = null;
    socket?.destroy();
  }

  /** Returns true: go on reading. */
  private read(bytes: Buffer): boolean {
    if (this.left === 0) this.left = this.answerLength(bytes);
    this.left -= bytes.length;
    if (this.left > 0) return true;
    this.left = 0;
    this.events.answered(this.intended);
    if (this.last) {
      this.last = false;
      this.close();
      this.open();
    } else {
      this.events.free(this);
    }
    return true;
  }

  /** The answers of a round are small and alike; a head that comes in pieces counts as a failure. */
  private answerLength(bytes: Buffer): number {
    const end = bytes.indexOf(HEAD_END);
    const head = bytes.latin1Slice(0, Math.max(0, end));
    const length = /content-length: *(\d+)/i.exec(head)?.[1];
    if (end < 0 || length === undefined || !head.startsWith(this.expected)) {
      this.events.failed(`an answer that begins with ${JSON.stringify(bytes.toString('latin1', 0, 60))}`);
    }
    this.last = /\r\nconnection: *close/i.test(head);
    return end + 4 + Number(length ?? 0);
  }
}
