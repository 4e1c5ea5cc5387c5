import type { Socket } from 'node:net';
import { BodyPace } from './body-pace.ts';
import { ClientSocket } from './client-socket.ts';
import type { EngineErrorCode } from './contract.ts';
import { ServerExchange } from './exchange.ts';
import { CHUNKED } from './framing.ts';
import type { ClientSide } from './links.ts';
import { HIGH_WATER } from './output.ts';
import { RequestInput } from './request-input.ts';
import type { RequestTaker } from './request-input.ts';
import { localResponse } from './response-writer.ts';
import type { ServerCore } from './server-core.ts';

/** After the last answer, how much is still read, so that the client gets to see it. */
const LINGER_BYTES = 65_536;
const METHODS = 'Allow: GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH\r\n';
/** The answer to `OPTIONS *`. */
const SERVER_OPTIONS = { status: 200, head: `HTTP/1.1 200 OK\r\n${METHODS}`, body: '' };

/** Waits for a head, or for the rest of one. */
const HEAD = 0;
/** An exchange is under way, and not all of its body was received. */
const BODY = 1;
/** An exchange is under way; what comes is held for after it. */
const ANSWER = 2;
/** An exchange is under way whose body is malformed: what comes is thrown away. */
const BROKEN = 3;
/** The last answer was queued; what comes is thrown away until the client closes. */
const LINGER = 4;
/** A response ends half-way: the connection is destroyed when its bytes were written. */
const TRUNCATED = 5;
/** The upstream agreed to another protocol: bytes go through as they are. */
const TUNNEL = 6;
const CLOSED = 7;

/**
 * The life of one client connection: heads are read and become exchanges, one at a time; the bytes of their bodies are
 * handed to them; their answers are written in order. It holds at most about 128 KiB in either direction.
 */
export class ClientConnection<Context> extends ClientSocket<Context> implements RequestTaker, ClientSide<Context> {
  readonly #onClose: (connection: ClientConnection<Context>) => void;
  /** Received, and not yet read: a part of a head, or requests after the one under way. */
  readonly #input: RequestInput;
  #phase = HEAD;
  #exchange: ServerExchange<Context> | null = null;
  #pace: BodyPace | null = null;
  #requests = 0;
  /** The first byte of a head was received, and its time runs. */
  #headStarted = false;
  #lingered = 0;
  #reset = false;

  /** `onClose` is called once, when the socket is gone. */
  constructor(server: ServerCore<Context>, socket: Socket, onClose: (connection: ClientConnection<Context>) => void) {
    super(server, socket);
    this.#onClose = onClose;
    this.#input = new RequestInput(this);
    this.until(server.config.headTimeoutMs);
  }

  get closing(): boolean {
    const { draining, config } = this.server;
    return draining || this.#requests >= config.maxRequestsPerConnection || (this.ended && this.#input.length === 0);
  }

  override sendBytes(bytes: Buffer, start: number, end: number): void {
    if (this.#phase === TUNNEL) this.until(this.server.config.tunnelTimeoutMs);
    super.sendBytes(bytes, start, end);
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.#pace?.restart(this.server.wheel.time);
    this.socket.resume();
  }

  over(close: boolean): void {
    this.#exchange = null;
    this.#pace = null;
    if (close) {
      this.#linger();
      return;
    }
    this.#phase = HEAD;
    this.until(this.server.config.idleTimeoutMs);
    this.#readOn();
  }

  startTunnel(): void {
    this.#phase = TUNNEL;
    this.until(this.server.config.tunnelTimeoutMs);
    this.resume();
    const early = this.#input.takeAll();
    if (early.length > 0) this.#tunnel(early, early.length);
    if (this.ended) this.#exchange?.clientEnded();
  }

  truncate(reset: boolean): void {
    this.#exchange = null;
    this.#phase = TRUNCATED;
    this.#reset = reset;
    if (this.output.queue.length === 0) this.#breakOff();
  }

  /** Answers a connection that there is no room for. */
  turnAway(): void {
    this.#refuse('too_many_connections', 0);
  }

  /** Takes no further request: at once when idle, else after the exchange under way. */
  drain(): void {
    if (this.#phase === HEAD && this.#input.length === 0) this.#linger();
  }

  /** Part of RequestTaker. */
  get ready(): boolean {
    return this.#phase === HEAD && !this.full;
  }

  /** Part of RequestTaker. */
  take(bytes: Buffer, start: number, end: number): number {
    const { head, config, counters } = this.server;
    const next = head.read(bytes, start, end, config.maxTargetBytes);
    if (next < 0) return this.#refuse(head.error, end);
    const length = (next === 0 ? end : next) - start;
    if (length > config.maxHeadBytes) return this.#refuse('header_too_large', end);
    if (next === 0) {
      if (this.#requests > 0 && !this.#headStarted) this.until(config.headTimeoutMs);
      this.#headStarted = true;
      return start;
    }
    if (counters.buffered > config.maxBufferedBytes) return this.#refuse('too_many_connections', end);
    this.#headStarted = false;
    this.#requests++;
    counters.requests++;
    return head.asterisk ? this.#answerOptions(next, end) : this.#begin(bytes, next, end);
  }

  protected get held(): number {
    return this.#input.length;
  }

  protected outputDrained(): void {
    if (this.#phase === LINGER) {
      this.endOutput();
    } else if (this.#phase === TRUNCATED) {
      this.#breakOff();
    } else {
      this.#exchange?.clientDrained();
      this.#readOn();
    }
  }

  override blocked(): void {
    if (this.#phase === TRUNCATED) this.#breakOff();
    else super.blocked();
  }

  protected phaseExpired(now: number): void {
    const pace = this.#pace;
    if (this.#phase === LINGER || this.#phase === TUNNEL) {
      this.socket.destroy();
    } else if (this.#phase === HEAD) {
      if (this.#headStarted) this.#refuse('request_timeout', 0);
      else this.#linger();
    } else if (this.#phase === BODY && pace !== null) {
      if (this.paused) pace.restart(now);
      if (pace.isLate(now)) this.#exchange?.fail('request_timeout');
      else this.untilTime(pace.deadline);
    } else if (this.#exchange?.held === true) {
      this.#exchange.fail('internal_error');
    }
  }

  protected received(bytes: Buffer, length: number): void {
    if (this.#phase === HEAD) this.#input.receive(bytes, length);
    else if (this.#phase === BODY) this.#receiveBody(bytes, length);
    else if (this.#phase === ANSWER) this.#input.hold(bytes, 0, length);
    else if (this.#phase === TUNNEL) this.#tunnel(bytes, length);
    else if (this.#phase === LINGER && (this.#lingered += length) > LINGER_BYTES) this.socket.destroy();
    if (this.#input.length >= HIGH_WATER) this.pause();
  }

  protected inputEnded(): void {
    if (this.#phase === HEAD) {
      this.#readOn();
    } else if (this.#phase === BODY) {
      this.#phase = BROKEN;
      this.#exchange?.fail('bad_request');
    } else if (this.#phase === TUNNEL) {
      this.#exchange?.clientEnded();
    }
  }

  protected closed(): void {
    this.#phase = CLOSED;
    this.#input.clear();
    this.#exchange?.abandon();
    this.#exchange = null;
    this.#onClose(this);
  }

  /** A valid head was read: the exchange begins with what is here of its body. */
  #begin(bytes: Buffer, start: number, end: number): number {
    const { server } = this;
    const exchange = new ServerExchange<Context>(this, server.clock.monotonic());
    const { body } = exchange;
    const next = body === null ? start : body.receive(bytes, start, end);
    if (next === -1) return this.#refuse(body?.error ?? 'bad_request', end);
    this.#exchange = exchange;
    if (body === null || body.complete) {
      this.#phase = ANSWER;
      this.until(server.config.holdTimeoutMs);
    } else {
      this.#phase = BODY;
      this.#pace = new BodyPace(server.config.bodyTimeoutMs, server.config.minBodyRate, server.wheel.time);
      this.until(server.config.bodyTimeoutMs);
    }
    if (!server.request(exchange)) exchange.fail('internal_error');
    if (this.#phase === BODY && body?.full === true) this.pause();
    return next;
  }

  #receiveBody(bytes: Buffer, length: number): void {
    const exchange = this.#exchange;
    const body = exchange?.body ?? null;
    if (exchange === null || body === null) return;
    this.#pace?.received(length, this.server.wheel.time);
    const next = body.receive(bytes, 0, length);
    if (next === -1) {
      this.#phase = BROKEN;
      exchange.fail(body.error);
      return;
    }
    // With the body the handler may have answered: then this exchange is over by now.
    if (this.#exchange === exchange && body.complete) {
      this.#phase = ANSWER;
      this.#pace = null;
      this.until(this.server.config.holdTimeoutMs);
    }
    if (this.#phase === BODY && body.full) this.pause();
    if (next < length && this.#phase !== LINGER) this.#input.hold(bytes, next, length);
    this.#readOn();
  }

  #tunnel(bytes: Buffer, length: number): void {
    this.until(this.server.config.tunnelTimeoutMs);
    this.#exchange?.tunnelled(bytes, 0, length);
    if (this.#exchange?.upstreamFull === true) this.pause();
  }

  /** Reads the next request, when it is time for it and it is here; or takes note that none will come. */
  #readOn(): void {
    if (!this.ready || this.#input.taking) return;
    this.#input.retry();
    if (this.#input.length < HIGH_WATER) this.resume();
    if (this.ended && this.ready) this.#endHead();
  }

  /** The client has sent all, and the last request that it sent was answered. */
  #endHead(): void {
    if (this.#input.length > 0) this.#refuse('bad_request', 0);
    else this.#linger();
  }

  #answerOptions(next: number, end: number): number {
    const { head, date } = this.server;
    const close = !head.keepAlive || this.closing || head.framing > 0 || head.framing === CHUNKED;
    this.sendText(localResponse(SERVER_OPTIONS, false, close ? 'Connection: close\r\n' : '', date.line(), ''));
    this.over(close);
    return close ? end : next;
  }

  /** Answers what is no valid request, and takes no other; returns `end`, for what is thrown away with it. */
  #refuse(code: EngineErrorCode, end: number): number {
    const response = this.server.errorResponse(code);
    this.sendText(localResponse(response, false, 'Connection: close\r\n', this.server.date.line(), ''));
    this.#linger();
    return end;
  }

  /** Nothing more is read as a request; when all is written our side ends. */
  #linger(): void {
    this.#phase = LINGER;
    this.untilTime(Infinity);
    this.#input.clear();
    this.resume();
    if (this.output.pending === 0) this.endOutput();
  }

  #breakOff(): void {
    if (this.#reset) this.socket.resetAndDestroy();
    else this.socket.destroy();
  }
}
