import type { ConnectionPool } from './connection-pool.ts';
import type { EngineErrorCode } from './contract.ts';
import type { ForwardedExchange } from './links.ts';
import type { FlushSchedule } from './output.ts';
import { Pipeline } from './pipeline.ts';
import { COMPLETE, READING, ResponseReader, SWITCHED } from './response-reader.ts';
import { UpstreamLink } from './upstream-link.ts';

const UNASKED = 'bytes that nobody asked for';
const NONE: readonly ForwardedExchange[] = [];

/**
 * The life of one upstream connection: it is opened for an exchange, sends its request, reads exactly one response for
 * each request, and is kept for the next only when both were complete and nothing else was received.
 */
export class UpstreamConnection extends UpstreamLink {
  readonly #pool: ConnectionPool<UpstreamConnection>;
  readonly #reader: ResponseReader;
  readonly #pipeline = new Pipeline();
  /** Requests answered on it. */
  #served = 0;
  /** Monotonic ms of the latest answer. */
  #answeredAt = 0;
  /** A byte of the present response was received. */
  #answering = false;
  /** Answers will come, or might, that nobody is to see: it ends after the present one. */
  #spoilt = false;
  /** Another protocol is spoken: bytes go through as they are. */
  #tunnel = false;
  /** When the upstream is late with what it owes now, monotonic ms. */
  #lateAt = Infinity;

  constructor(pool: ConnectionPool<UpstreamConnection>, schedule: FlushSchedule) {
    super(pool, schedule);
    this.#pool = pool;
    this.#reader = new ResponseReader(pool.head, pool.clock);
  }

  /** Sends the request of `exchange`, and reads its answer, after those of the requests that are under way. */
  begin(exchange: ForwardedExchange, now: number): void {
    const first = this.#pipeline.current === null;
    exchange.forwardedAt = now;
    this.#pipeline.add(exchange);
    if (first) this.#expect(exchange);
    this.unsent = true;
    this.output.text(exchange.requestText);
    const { timeoutMs, connectTimeoutMs } = this.#pool;
    if (first) this.#lateIn(this.open ? timeoutMs : connectTimeoutMs);
    else this.#schedule();
    exchange.sentOn(this);
  }

  /** Something was answered on it. */
  get used(): boolean {
    return this.#served > 0;
  }

  /** A request is under way. */
  get busy(): boolean {
    return this.#pipeline.current !== null;
  }

  /** It has kept itself open after a response of HTTP/1.1 (RFC 9112 section 9.3): several requests may be sent at once. */
  get persistent(): boolean {
    return this.#served > 0 && this.#reader.minor === 1;
  }

  /** Whether another request can go out together with those that were begun in this tick, up to `depth` of them. */
  takesMore(depth: number): boolean {
    return this.unsent && this.#pipeline.depth < depth && this.usable && !this.output.full;
  }

  destroy(): void {
    this.#pipeline.clear();
    this.socket.destroy();
  }

  resume(): void {
    if (!this.paused || this.#pipeline.current?.clientFull === true) return;
    this.paused = false;
    this.extend();
    this.socket.resume();
  }

  abort(exchange: ForwardedExchange): void {
    const pipeline = this.#pipeline;
    if (!pipeline.disown(exchange)) return;
    if (!pipeline.wanted) {
      this.destroy();
    } else if (pipeline.current !== null) {
      this.#reader.handOver(pipeline.current);
      this.resume();
    }
  }

  received(bytes: Buffer, length: number): void {
    this.#pool.counters.bytesIn += length;
    if (this.#pipeline.current === null || this.unsent) {
      // Nothing was asked for: whatever this is, it would be taken for the next answer.
      this.#pool.distrust(UNASKED);
      this.#breakOff('upstream_invalid', UNASKED);
      return;
    }
    try {
      this.#read(bytes, 0, length);
    } catch (error) {
      this.#pool.fault(error);
      this.#fail('internal_error', 'fault');
    }
  }

  #read(bytes: Buffer, start: number, end: number): void {
    const exchange = this.#pipeline.current;
    if (exchange === null) return;
    if (this.#tunnel) {
      exchange.data(bytes, start, end);
      if (exchange.clientFull) this.pause();
      return;
    }
    this.#answering = true;
    const reader = this.#reader;
    switch (reader.receive(bytes, start, end)) {
      case READING:
        this.#readOn(exchange);
        break;
      case COMPLETE:
        this.#complete(exchange);
        if (reader.rest.length > 0) this.#read(reader.rest, reader.restStart, reader.restEnd);
        break;
      case SWITCHED:
        this.#switch(exchange);
        break;
      default:
        this.#pool.distrust('invalid response');
        this.#fail('upstream_invalid', 'invalid response');
    }
  }

  #readOn(exchange: ForwardedExchange): void {
    if (this.#pipeline.overlong) this.#breakOff('upstream_closed', 'an answer that nobody waits for is too long');
    else if (this.#reader.last && this.#pipeline.shared) this.#resendOthers();
    this.extend();
    if (exchange.clientFull) this.pause();
  }

  #switch(exchange: ForwardedExchange): void {
    const { rest, restStart, restEnd } = this.#reader;
    this.#tunnel = true;
    this.#answered(exchange);
    // From here on the client's connection has the time-out.
    this.wheel.cancel(this);
    exchange.switched(this.#pool.head);
    exchange.data(rest, restStart, restEnd);
  }

  protected outputDrained(): void {
    this.#pipeline.current?.upstreamDrained();
  }

  ended(): void {
    const exchange = this.#pipeline.current;
    this.atEnd = true;
    if (exchange === null) this.destroy();
    else if (this.#tunnel) this.#endTunnel(exchange);
    else if (this.#reader.end()) this.#complete(exchange);
    else this.#breakOff('upstream_closed', 'connection closed');
  }

  closed(error: Error | null): void {
    this.atEnd = true;
    this.wheel.cancel(this);
    this.#breakOff(this.open ? 'upstream_closed' : 'upstream_refused', error?.message ?? 'connection closed');
    this.#pool.lost(this);
  }

  /** Part of Timed. */
  expire(now: number): void {
    const exchange = this.#pipeline.current;
    if (exchange === null) {
      this.destroy();
    } else if (!this.open) {
      this.#fail('upstream_timeout', 'no connection in time');
    } else if (now < this.#lateAt) {
      if (this.#pipeline.waitingSince + this.#pool.pipelineWaitMs <= now) this.#resendOthers();
      this.#schedule();
    } else if (this.paused || (!exchange.requestComplete && this.output.pending === 0)) {
      // The client is what is waited for, and its connection has time-outs of its own.
      this.extend();
    } else {
      this.#fail('upstream_timeout', 'no answer in time');
    }
  }

  #expect(exchange: ForwardedExchange): void {
    this.#answering = false;
    this.#reader.expect(exchange);
  }

  /** The present response is complete: reads on for the next exchange, or is free, or of no more use. */
  #complete(exchange: ForwardedExchange): void {
    const reader = this.#reader;
    this.#answered(exchange);
    this.#served++;
    const clean = !reader.last && !this.#spoilt && exchange.requestComplete && this.output.pending === 0;
    const others = clean && this.usable ? NONE : this.#pipeline.takeOthers();
    const next = this.#pipeline.next();
    if (next === null && reader.rest.length > 0 && !reader.last && !this.#spoilt) this.#pool.distrust(UNASKED);
    if (next !== null) {
      this.#expect(next);
      this.extend();
    } else if (clean && this.usable && reader.rest.length === 0) {
      this.#pool.freed(this);
    } else {
      this.destroy();
    }
    exchange.complete();
    if (others.length > 0) this.#pool.resend(others);
  }

  #answered(exchange: ForwardedExchange): void {
    const { answeredAt, forwardedAt } = exchange;
    this.#pool.succeeded(answeredAt - Math.max(forwardedAt, this.#answeredAt));
    this.#answeredAt = answeredAt;
  }

  /** The others are asked for elsewhere; what comes for them here is never read. */
  #resendOthers(): void {
    const others = this.#pipeline.takeOthers();
    this.#spoilt = true;
    if (!this.#pipeline.wanted) this.destroy();
    this.#pool.resend(others);
  }

  #endTunnel(exchange: ForwardedExchange): void {
    this.destroy();
    exchange.upstreamEnded();
  }

  /** The connection is of no more use before the response is complete. */
  #breakOff(code: EngineErrorCode, reason: string): void {
    const exchange = this.#pipeline.current;
    const stale = (this.#served > 0 || this.unsent) && !this.#answering && exchange?.retried === false;
    if (exchange !== null && stale && exchange.replayable && (exchange.idempotent || this.unsent)) {
      const others = this.#pipeline.takeOthers();
      this.destroy();
      this.#pool.retry(exchange);
      this.#pool.resend(others);
    } else {
      this.#fail(code, reason);
    }
  }

  #fail(code: EngineErrorCode, reason: string): void {
    const exchange = this.#pipeline.current;
    const others = this.#pipeline.takeOthers();
    this.destroy();
    if (exchange?.over === false) this.#pool.failed(exchange, code, reason);
    this.#pool.resend(others);
  }

  protected extend(): void {
    if (!this.#tunnel && this.open) this.#lateIn(this.#pool.timeoutMs);
  }

  #lateIn(ms: number): void {
    this.#lateAt = this.wheel.time + ms;
    this.#schedule();
  }

  #schedule(): void {
    const waitingSince = this.#pipeline.waitingSince;
    const deadline =
      waitingSince === Infinity ? this.#lateAt : Math.min(this.#lateAt, waitingSince + this.#pool.pipelineWaitMs);
    this.wheel.schedule(this, deadline);
  }
}
