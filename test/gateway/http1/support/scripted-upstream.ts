import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { Latch } from '../../../harness/latch.ts';
import { track } from '../../../harness/resources.ts';

/** A request as it came to the upstream, whose bytes a test answers itself. */
export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  /** Number of its connection, from 0. */
  readonly connection: number;
  readonly socket: Socket;
}

/** `HTTP/1.1 200` with this body. */
export function ok(body: string, more = ''): string {
  return `HTTP/1.1 200 OK\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;
}

/** Answers the path, at once. */
export function echoPath({ socket, path }: ScriptedRequest): void {
  socket.write(ok(path));
}

/** An upstream on a plain socket: it reads requests one after the other, and answers nothing by itself. */
export class ScriptedUpstream {
  readonly requests: ScriptedRequest[] = [];
  readonly sockets: Socket[] = [];
  readonly arrived = new Latch();
  answer: (request: ScriptedRequest) => void = echoPath;
  readonly #server = createServer((socket) => this.#accept(socket));

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    track({ stop: () => this.close(), abandon: () => {} });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Open connections. */
  get open(): number {
    return this.sockets.filter((socket) => !socket.destroyed).length;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    const connection = this.sockets.push(socket) - 1;
    let text = '';
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
      for (let end = endOfRequest(text); end !== -1; end = endOfRequest(text)) {
        const [method = '', path = ''] = text.split(' ', 2);
        text = text.slice(end);
        const request = { method, path, connection, socket };
        this.requests.push(request);
        this.answer(request);
        this.arrived.open();
      }
    });
  }
}

/** Offset after the first request; -1: it is incomplete. */
function endOfRequest(text: string): number {
  const head = text.indexOf('\r\n\r\n');
  if (head === -1) return -1;
  const length = Number(/\r\nContent-Length: (\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
  return text.length < head + 4 + length ? -1 : head + 4 + length;
}

export async function startScripted(): Promise<ScriptedUpstream> {
  const upstream = new ScriptedUpstream();
  await upstream.listen();
  return upstream;
}
