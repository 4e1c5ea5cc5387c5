import type { IncomingMessage, ServerResponse } from 'node:http';
import { systemClock } from '../../shared/clock.ts';

/** What a scripted upstream does with one request. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** Answers with what it saw: method, target, header lines and body, as JSON. */
export const echo: Behaviour = async (request, response) => {
  const body = await readBody(request);
  if (body === null) return;
  const { method, url, rawHeaders } = request;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ method, url, rawHeaders, body: body.toString('latin1') }));
};

/** Answers at once, with a Content-Length. */
export function answer(status: number, body: string | Buffer = '', headers: Record<string, string> = {}): Behaviour {
  return (request, response) => {
    request.resume();
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
    response.end(body);
  };
}

/** Sends the parts as chunks, with optional trailers. */
export function chunked(parts: readonly string[], trailers: Record<string, string> = {}): Behaviour {
  return (request, response) => {
    request.resume();
    response.writeHead(200, { 'transfer-encoding': 'chunked', trailer: Object.keys(trailers).join(', ') });
    for (const part of parts) response.write(part);
    response.addTrailers(trailers);
    response.end();
  };
}

/** Waits before it does something else. */
export function delayed(ms: number, next: Behaviour): Behaviour {
  return async (request, response) => {
    await sleep(ms);
    await next(request, response);
  };
}

/** Waits for a promise (a latch) before it does something else. */
export function held(until: Promise<void>, next: Behaviour): Behaviour {
  return async (request, response) => {
    await until;
    await next(request, response);
  };
}

/** Sends `size` bytes in pieces of `piece` bytes, one every `ms`. */
export function trickle(size: number, piece: number, ms: number): Behaviour {
  return async (request, response) => {
    request.resume();
    response.writeHead(200, { 'content-length': size });
    for (let sent = 0; sent < size && !response.destroyed; sent += piece) {
      response.write(Buffer.alloc(Math.min(piece, size - sent), 'x'));
      await sleep(ms);
    }
    response.end();
  };
}

/** Never answers. */
export const hang: Behaviour = (request) => {
  request.resume();
};

/** Breaks the connection with a reset, without an answer. */
export const reset: Behaviour = (request) => {
  request.socket.resetAndDestroy();
};

/** Announces `size` bytes, sends `sent` of them and closes (or resets). */
export function dieHalfWay(size: number, sent: number, how: 'close' | 'reset' = 'close'): Behaviour {
  return (request, response) => {
    request.resume();
    response.writeHead(200, { 'content-length': size });
    response.write(Buffer.alloc(sent, 'x'), () => {
      if (how === 'reset') request.socket.resetAndDestroy();
      else request.socket.destroy();
    });
  };
}

/** Writes these bytes to the socket as they are; `close` afterwards unless told otherwise. */
export function rawBytes(bytes: string, after: 'close' | 'keep' = 'close'): Behaviour {
  return (request) => {
    request.resume();
    request.socket.write(Buffer.from(bytes, 'latin1'));
    if (after === 'close') request.socket.end();
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => void systemClock.after(ms, resolve));
}

/** Null when the request was broken off. */
function readBody(request: IncomingMessage): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', () => resolve(null));
  });
}
