import type { ByteQueue } from './byte-queue.ts';
import type { EngineErrorCode, Upstream } from './contract.ts';
import type { FlushSchedule } from './output.ts';
import type { SenderLines } from './request-writer.ts';
import type { ResponseHead } from './response-head.ts';
import type { ServerCore } from './server-core.ts';

/**
 * How the two sides of an exchange see each other. The client's side (client-connection.ts, exchange.ts) and the
 * upstream's side (upstream-pool.ts, upstream-connection.ts) know nothing else of one another.
 */

/** A body of unknown length: chunked, or up to the end of the connection for an HTTP/1.0 client. */
export const STREAMED = -2;
/** No body, and no field that says how long one would be. */
export const BODYLESS = -1;

/** An exchange, as the upstream's side sees it. */
export interface ForwardedExchange {
  /** Where what is sent for it is collected until the end of the tick. */
  readonly schedule: FlushSchedule;
  /** Head and what is known of the body, as they are sent. */
  readonly requestText: string;
  readonly isHead: boolean;
  /** Protocol that the upstream may switch to; empty: none. */
  readonly upgrade: string;
  /** Sending it twice does no more than sending it once (RFC 9110 section 9.2.2). */
  readonly idempotent: boolean;
  /** All of the request is in `requestText`. */
  readonly replayable: boolean;
  /** It may be sent on a connection on which others wait for their answers (RFC 9112 section 9.3.2). */
  readonly pipelinable: boolean;
  /** It was sent a second time. */
  retried: boolean;
  /** All of the request was handed to the connection. */
  readonly requestComplete: boolean;
  /** The client left, or it was answered otherwise: nothing is to be sent for it. */
  readonly over: boolean;
  /** The client takes the response slower than it comes. */
  readonly clientFull: boolean;
  /** Monotonic milliseconds, see the contract. */
  forwardedAt: number;
  answeredAt: number;
  /** `requestText` was handed to this connection: the rest of the body goes there. */
  sentOn(connection: UpstreamSide): void;
  /** The upstream took what was waiting for it. */
  upstreamDrained(): void;
  /** A final response begins; `length`: that of its body, which follows by `data` (or that a body would have), STREAMED or BODYLESS. */
  begin(head: ResponseHead, length: number): void;
  data(bytes: Buffer, start: number, end: number): void;
  /** The same for decoded bytes that were collected as latin1 text. */
  dataText(text: string): void;
  /** The response is complete. */
  complete(): void;
  /** The upstream agreed to the upgrade: what comes from now on, by `data`, is the new protocol's. */
  switched(head: ResponseHead): void;
  /** After `switched`: the upstream has sent its last byte. */
  upstreamEnded(): void;
  /** There will be no answer, or no more of it. */
  fail(code: EngineErrorCode): void;
}

/** A client connection, as the exchange on it sees it. */
export interface ClientSide<Context> extends SenderLines {
  readonly server: ServerCore<Context>;
  /** No further request is taken on this connection. */
  readonly closing: boolean;
  /** The client takes the response slower than it comes. */
  readonly full: boolean;
  sendText(text: string): void;
  sendBytes(bytes: Buffer, start: number, end: number): void;
  /** The upstream took what was waiting: go on reading the body. */
  resume(): void;
  /** The response was sent. `close`: no request follows. */
  over(close: boolean): void;
  /** The response was a 101: what the client sends from now on goes to `exchange.tunnelled`. */
  startTunnel(): void;
  /** The response ends before it is complete, and must be seen to; `reset`: its end is that of the connection. */
  truncate(reset: boolean): void;
}

/** An upstream connection, as the exchange on it sees it. */
export interface UpstreamSide {
  /** The upstream takes the request slower than it comes. */
  readonly full: boolean;
  sendText(text: string): void;
  /** Sends and empties `body`. */
  sendBody(body: ByteQueue): void;
  sendBytes(bytes: Buffer, start: number, end: number): void;
  /** Nothing more will be sent; the upstream may go on. */
  endOutput(): void;
  /** The client took what was waiting: go on reading the response. */
  resume(): void;
  /** The client's side is over before the response is: its answer, if it was sent here, goes to nobody. */
  abort(exchange: ForwardedExchange): void;
}

/** Where the engine sends requests. One pool for one target; a balancer over several targets is another such class. */
export abstract class Dispatcher implements Upstream {
  abstract readonly name: string;
  /** What goes into Host when the client gave none. */
  abstract readonly authority: string;
  /** Sends the exchange's request, now (monotonic ms) or when a connection is free; or fails it. */
  abstract dispatch(exchange: ForwardedExchange, now: number): void;
  abstract close(): Promise<void>;
}
