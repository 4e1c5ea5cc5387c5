import type { Socket } from 'node:net';
import { readCanonicalHead, trailerFault } from './canonical.ts';
import type { Framing, RecordedRequest } from './canonical.ts';

/** Longest chunk line without an extension, with its CRLF. */
const CHUNK_LINE = /^([0-9a-fA-F]{1,13})\r\n$/;

/** Who learns of what a connection brings. */
export interface Recorder {
  /** A head is complete: whether it is answered by a script, without waiting for the body. */
  begun(connection: RecordedConnection, framing: Framing): void;
  complete(connection: RecordedConnection, request: RecordedRequest): void;
}

type Phase = 'head' | 'length' | 'size' | 'data' | 'data-end' | 'trailers';

/** One connection to the upstream: everything that came on it, read by a parser that accepts canonical HTTP/1.1 only. */
export class RecordedConnection {
  readonly socket: Socket;
  readonly violations: string[] = [];
  readonly requests: RecordedRequest[] = [];
  readonly #recorder: Recorder;
  #chunks: Buffer[] = [];
  #buffer: Buffer = Buffer.alloc(0);
  #phase: Phase = 'head';
  #framing: Framing | null = null;
  #left = 0;
  #dead = false;
  /** A script has answered on this connection in the present case. */
  scripted = false;

  constructor(socket: Socket, recorder: Recorder) {
    this.socket = socket;
    this.#recorder = recorder;
  }

  /** All bytes received in the present case, one character each. */
  get text(): string {
    return Buffer.concat(this.#chunks).toString('latin1');
  }

  /** A kept-alive connection: what comes from now on belongs to another case. */
  forget(): void {
    this.#chunks = [];
    this.violations.length = 0;
    this.requests.length = 0;
    this.scripted = false;
  }

  receive(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
    while (!this.#dead && this.#buffer.length > 0 && this.#step()) {
      // Each step takes one element of a message.
    }
  }

  /** Takes one element; false: more bytes are needed. */
  #step(): boolean {
    switch (this.#phase) {
      case 'head':
        return this.#readHead();
      case 'length':
      case 'data':
        return this.#readData();
      case 'size':
        return this.#readSize();
      case 'data-end':
        return this.#readDataEnd();
      case 'trailers':
        return this.#readTrailer();
    }
  }

  #readHead(): boolean {
    const end = this.#buffer.indexOf('\r\n\r\n');
    if (end < 0) {
      if (/(^|[^\r])\n/.test(this.#buffer.toString('latin1'))) return this.#violation('bare LF in the head');
      return false;
    }
    const framing = readCanonicalHead(
      this.#take(end + 4)
        .subarray(0, end)
        .toString('latin1'),
    );
    if (typeof framing === 'string') return this.#violation(framing);
    this.#framing = framing;
    this.#left = framing.length;
    this.#phase = framing.chunked ? 'size' : 'length';
    this.#recorder.begun(this, framing);
    if (this.#phase === 'length' && this.#left === 0) this.#complete();
    return true;
  }

  #readData(): boolean {
    const bytes = this.#take(Math.min(this.#left, this.#buffer.length));
    this.#left -= bytes.length;
    if (this.#framing !== null) this.#framing.request.body += bytes.toString('latin1');
    if (this.#left > 0) return false;
    if (this.#phase === 'data') this.#phase = 'data-end';
    else this.#complete();
    return true;
  }

  #readSize(): boolean {
    const line = this.#takeLine();
    if (line === null) return this.#buffer.length > 40 ? this.#violation('long chunk line') : false;
    const size = CHUNK_LINE.exec(line);
    if (size === null) return this.#violation(`chunk line ${JSON.stringify(line.slice(0, 40))}`);
    this.#left = Number.parseInt(size[1] ?? '', 16);
    this.#phase = this.#left === 0 ? 'trailers' : 'data';
    return true;
  }

  #readDataEnd(): boolean {
    if (this.#buffer.length < 2) return false;
    if (this.#take(2).toString('latin1') !== '\r\n') return this.#violation('no CRLF after the chunk data');
    this.#phase = 'size';
    return true;
  }

  #readTrailer(): boolean {
    const line = this.#takeLine();
    if (line === null) return false;
    if (line === '\r\n') {
      this.#complete();
      return true;
    }
    const fault = line.endsWith('\r\n') ? trailerFault(line.slice(0, -2)) : 'trailer line without CR';
    return fault === null ? true : this.#violation(fault);
  }

  #complete(): void {
    const request = this.#framing?.request;
    this.#framing = null;
    this.#phase = 'head';
    if (request === undefined) return;
    this.requests.push(request);
    this.#recorder.complete(this, request);
  }

  #violation(what: string): false {
    this.violations.push(what);
    this.#dead = true;
    this.socket.destroy();
    return false;
  }

  #take(length: number): Buffer {
    const taken = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(length);
    return taken;
  }

  #takeLine(): string | null {
    const end = this.#buffer.indexOf('\n');
    return end < 0 ? null : this.#take(end + 1).toString('latin1');
  }
}
