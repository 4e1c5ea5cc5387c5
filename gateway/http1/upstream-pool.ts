import type { Clock } from '../../shared/clock.ts';
import type { EngineDeps, EngineEvents, UpstreamConfig } from './config.ts';
import type { EngineErrorCode } from './contract.ts';
import { UpstreamCounters } from './counters.ts';
import { Dispatcher } from './links.ts';
import type { ForwardedExchange } from './links.ts';
import { ResponseHead } from './response-head.ts';
import { TimerWheel } from './timer-wheel.ts';
import { UpstreamConnection } from './upstream-connection.ts';
import type { ConnectionPool } from './upstream-connection.ts';
import { UpstreamSockets } from './upstream-socket.ts';
import { upstreamTarget } from './upstream-target.ts';
import { WaitingList } from './waiting-list.ts';

/** The connections to one target: as many as are needed up to a bound, kept alive, the one used last first. */
export class UpstreamPool extends Dispatcher implements ConnectionPool {
  readonly name: string;
  readonly authority: string;
  readonly counters = new UpstreamCounters();
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly sockets: UpstreamSockets;
  readonly head = new ResponseHead();
  readonly connectTimeoutMs: number;
  readonly timeoutMs: number;
  readonly #config: UpstreamConfig;
  readonly #events: EngineEvents;
  readonly #waiting: WaitingList;
  readonly #open = new Set<UpstreamConnection>();
  readonly #idle: UpstreamConnection[] = [];
  #down = false;
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
    this.#config = config;
    this.#events = deps.events;
    const late = (exchange: ForwardedExchange): void => this.#refuse(exchange);
    this.#waiting = new WaitingList(this.wheel, config.waitTimeoutMs, late);
  }

  dispatch(exchange: ForwardedExchange, now: number): void {
    let connection = this.#idle.pop();
    while (connection !== undefined && !connection.usable) connection = this.#idle.pop();
    if (connection !== undefined) {
      this.counters.reused++;
      this.#begin(connection, exchange, now);
    } else if (this.#closed) {
      this.failed(exchange, 'upstream_refused', 'the upstream was removed');
    } else if (this.#open.size < this.#config.maxConnections) {
      this.#begin(this.#connect(exchange), exchange, now);
    } else if (this.#waiting.length < this.#config.maxWaiting) {
      this.#waiting.add(exchange);
    } else {
      this.#refuse(exchange);
    }
    this.#count();
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
      this.counters.reused++;
      this.#begin(connection, next, this.clock.monotonic());
    } else if (this.#closed) {
      connection.destroy();
    } else {
      this.#idle.push(connection);
      connection.rest(this.#config.idleTimeoutMs);
    }
    this.#count();
  }

  lost(connection: UpstreamConnection): void {
    this.#open.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    const next = this.#closed ? null : this.#waiting.next();
    if (next !== null) this.#begin(this.#connect(next), next, this.clock.monotonic());
    if (this.#open.size === 0) this.#allClosed?.();
    this.#count();
  }

  retry(exchange: ForwardedExchange): void {
    this.counters.retried++;
    // Other idle connections are as old as the one that was just found closed.
    for (const connection of this.#idle.splice(0)) connection.destroy();
    this.#begin(this.#connect(exchange), exchange, this.clock.monotonic());
  }

  failed(exchange: ForwardedExchange, code: EngineErrorCode, reason: string): void {
    this.counters.fail(code);
    if (!this.#down) this.#events.upstreamDown(this.name, reason);
    this.#down = true;
    exchange.fail(code);
  }

  succeeded(): void {
    if (this.#down) this.#events.upstreamUp(this.name);
    this.#down = false;
  }

  fault(error: unknown): void {
    this.#events.fault(error);
  }

  #begin(connection: UpstreamConnection, exchange: ForwardedExchange, now: number): void {
    this.counters.requests++;
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
