import type { Clock } from '../../shared/clock.ts';
import type { EngineDeps, EngineEvents, UpstreamConfig } from './config.ts';
import type { ConnectionPool } from './connection-pool.ts';
import type { EngineErrorCode } from './contract.ts';
import { UpstreamCounters } from './counters.ts';
import { Dispatcher } from './links.ts';
import type { ForwardedExchange } from './links.ts';
import { PipelineDepth } from './pipeline-depth.ts';
import { ResponseHead } from './response-head.ts';
import { TimerWheel } from './timer-wheel.ts';
import { UpstreamConnection } from './upstream-connection.ts';
import { UpstreamSockets } from './upstream-socket.ts';
import { upstreamTarget } from './upstream-target.ts';
import { WaitingList } from './waiting-list.ts';

/** The connections to one target: as many as are needed up to a bound, kept alive, the one used last first. */
export class UpstreamPool extends Dispatcher implements ConnectionPool<UpstreamConnection> {
  readonly name: string;
  readonly authority: string;
  readonly counters = new UpstreamCounters();
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly sockets: UpstreamSockets;
  readonly head = new ResponseHead();
  readonly connectTimeoutMs: number;
  readonly timeoutMs: number;
  readonly pipelineWaitMs: number;
  readonly #config: UpstreamConfig;
  readonly #events: EngineEvents;
  readonly #waiting: WaitingList;
  readonly #open = new Set<UpstreamConnection>();
  readonly #idle: UpstreamConnection[] = [];
  readonly #depth: PipelineDepth;
  /** Was given a request in this tick, or before, and may take more in the same tick. */
  #filling: UpstreamConnection | null = null;
  #down = false;
  #distrusted = false;
  #closed = false;
  #allClosed: (() => void) | null = null;

  constructor(config: UpstreamConfig, deps: EngineDeps) {
    super();
    const target = upstreamTarget(config.url);
    this.name = target.name;
    this.authority = target.authority;
    this.clock = deps.clock;
    this.wheel = new TimerWheel(deps.clock, (error) => deps.events.fault(error));
    this.sockets = new UpstreamSockets(target, config, (error) => deps.events.fault(error));
    this.connectTimeoutMs = config.connectTimeoutMs;
    this.timeoutMs = config.timeoutMs;
    this.pipelineWaitMs = config.pipelineWaitMs;
    this.#depth = new PipelineDepth(config.pipelining);
    this.#config = config;
    this.#events = deps.events;
    const late = (exchange: ForwardedExchange): void => this.#refuse(exchange);
    this.#waiting = new WaitingList(this.wheel, config.waitTimeoutMs, late);
  }

  dispatch(exchange: ForwardedExchange, now: number): void {
    const depth = exchange.pipelinable ? this.#depth.value : 1;
    if (depth > 1 && this.#filling?.takesMore(depth) === true) this.#begin(this.#filling, exchange, now);
    else this.#place(exchange, now, depth);
    this.#count();
  }

  /** On a connection of its own: an idle one, a new one, or the next that becomes free. */
  #place(exchange: ForwardedExchange, now: number, depth: number): void {
    const idle = this.#takeIdle();
    if (idle !== null) {
      this.#begin(idle, exchange, now);
      if (depth > 1 && idle.persistent) this.#filling = idle;
    } else if (this.#closed && !exchange.retried) {
      this.failed(exchange, 'upstream_refused', 'the upstream was removed');
    } else if (this.#open.size < this.#config.maxConnections) {
      this.#begin(this.#connect(exchange), exchange, now);
    } else if (this.#waiting.length < this.#config.maxWaiting) {
      this.#waiting.add(exchange);
    } else {
      this.#refuse(exchange);
    }
  }

  #takeIdle(): UpstreamConnection | null {
    let connection = this.#idle.pop();
    while (connection?.usable === false) connection = this.#idle.pop();
    return connection ?? null;
  }

  /** Closes idle connections now, the others after their exchange; resolves when all are closed. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const connection of this.#idle.splice(0)) connection.destroy();
    if (this.#open.size > 0) await new Promise<void>((resolve) => (this.#allClosed = resolve));
  }

  freed(connection: UpstreamConnection): void {
    const next = this.#waiting.next();
    if (next !== null) {
      const now = this.clock.monotonic();
      this.#begin(connection, next, now);
      if (next.pipelinable && connection.persistent) this.#fill(connection, now);
    } else if (this.#closed) {
      connection.destroy();
    } else {
      this.#idle.push(connection);
      connection.rest(this.#config.idleTimeoutMs);
    }
    this.#count();
  }

  /** Those that wait share the connections that there are. */
  #fill(connection: UpstreamConnection, now: number): void {
    const share = Math.ceil(this.#waiting.length / this.#open.size) + 1;
    const depth = Math.min(this.#depth.value, share);
    while (connection.takesMore(depth)) {
      const next = this.#waiting.nextPipelinable();
      if (next === null) return;
      this.#begin(connection, next, now);
    }
  }

  lost(connection: UpstreamConnection): void {
    this.#open.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    if (this.#filling === connection) this.#filling = null;
    const next = this.#waiting.next();
    if (next !== null) this.#begin(this.#connect(next), next, this.clock.monotonic());
    if (this.#open.size === 0) this.#allClosed?.();
    this.#count();
  }

  retry(exchange: ForwardedExchange): void {
    // Other idle connections are as old as the one that was just found closed.
    for (const connection of this.#idle.splice(0)) connection.destroy();
    this.#again(exchange);
  }

  resend(exchanges: readonly ForwardedExchange[]): void {
    if (exchanges.length === 0) return;
    this.#depth.resent(exchanges.length);
    for (const exchange of exchanges) this.#again(exchange);
  }

  #again(exchange: ForwardedExchange): void {
    this.counters.retried++;
    exchange.retried = true;
    this.#place(exchange, this.clock.monotonic(), 1);
    this.#count();
  }

  failed(exchange: ForwardedExchange, code: EngineErrorCode, reason: string): void {
    this.counters.fail(code);
    if (!this.#down) this.#events.upstreamDown(this.name, reason);
    this.#down = true;
    exchange.fail(code);
  }

  succeeded(ms: number): void {
    this.#depth.answered(ms);
    if (this.#down) this.#events.upstreamUp(this.name);
    this.#down = false;
  }

  distrust(reason: string): void {
    if (this.#distrusted || this.#config.pipelining === 1) return;
    this.#distrusted = true;
    this.#depth.distrust();
    this.#events.pipeliningStopped(this.name, reason);
  }

  fault(error: unknown): void {
    this.#events.fault(error);
  }

  #begin(connection: UpstreamConnection, exchange: ForwardedExchange, now: number): void {
    const { counters } = this;
    counters.requests++;
    if (connection.used) counters.reused++;
    if (connection.busy) counters.pipelined++;
    connection.begin(exchange, now);
  }

  #connect(exchange: ForwardedExchange): UpstreamConnection {
    this.counters.connects++;
    const connection = new UpstreamConnection(this, exchange.schedule);
    this.#open.add(connection);
    return connection;
  }

  /** All connections are busy: that is no fault of the target's. */
  #refuse(exchange: ForwardedExchange): void {
    this.counters.fail('upstream_busy');
    exchange.fail('upstream_busy');
  }

  #count(): void {
    this.counters.open = this.#open.size;
    this.counters.idle = this.#idle.length;
    this.counters.waiting = this.#waiting.length;
  }
}
