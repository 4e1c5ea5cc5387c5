import { randomBytes } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import { ClientReader } from './client-reader.ts';
import type { EngineDeps, EngineEvents, ServerConfig } from './config.ts';
import type { EngineErrorCode, Exchange, LocalResponse, RequestHandler, RequestRules } from './contract.ts';
import { ServerCounters } from './counters.ts';
import { DateField } from './date.ts';
import { NameSets } from './name-set.ts';
import { RequestHead } from './request-head.ts';
import { Tick } from './tick.ts';
import { TimerWheel } from './timer-wheel.ts';
import { TrustedProxies } from './trusted-proxies.ts';

export interface ServerDeps<Context> extends EngineDeps {
  readonly handler: RequestHandler<Context>;
  /** The service's rules by lower-case host (empty: none given); null: unknown host, the strictest rules hold. */
  readonly rules: (host: string) => RequestRules | null;
}

const STRICTEST: RequestRules = {
  encodedSlash: 'refuse',
  mergeSlashes: true,
  upgrades: new Set(),
  maxBodyBytes: null,
  edits: { drop: new Set() },
};

/** What all connections of one server share. */
export class ServerCore<Context> {
  readonly config: ServerConfig;
  readonly clock: Clock;
  readonly handler: RequestHandler<Context>;
  readonly events: EngineEvents;
  readonly counters = new ServerCounters();
  readonly tick: Tick;
  readonly wheel: TimerWheel;
  /** Reads the heads of all connections, one at a time. */
  readonly head: RequestHead;
  readonly date: DateField;
  readonly proxies: TrustedProxies;
  readonly names = new NameSets();
  readonly reader = new ClientReader();
  /** No connection takes a further request. */
  draining = false;
  readonly #idPrefix = randomBytes(8).toString('hex');
  /** Eight hexadecimal digits, for a long time. */
  #ids = 0x1000_0000;

  constructor(config: ServerConfig, deps: ServerDeps<Context>) {
    this.config = config;
    this.clock = deps.clock;
    this.handler = deps.handler;
    this.events = deps.events;
    const fault = (error: unknown): void => deps.events.fault(error);
    this.tick = new Tick(deps.clock, () => this.#commit(), fault);
    this.wheel = new TimerWheel(deps.clock, fault);
    this.head = new RequestHead((host) => deps.rules(host) ?? STRICTEST);
    this.date = new DateField(deps.clock);
    this.proxies = new TrustedProxies(config.trustedProxies);
  }

  /** A new request id: unique, not secret. */
  nextId(): string {
    return `${this.#idPrefix}${(this.#ids++).toString(16)}`;
  }

  /** The handler's answer for an error of the engine. */
  errorResponse(code: EngineErrorCode): LocalResponse {
    this.counters.refuse(code);
    return this.handler.errorResponse(code);
  }

  /** Asks the handler; what it throws never leaves the engine. False: it threw. */
  request(exchange: Exchange<Context>): boolean {
    try {
      this.handler.request(exchange);
      return true;
    } catch (error) {
      this.events.fault(error);
      return false;
    }
  }

  /** Tells the handler that the exchange is over, and that its usage can be committed. */
  finished(exchange: Exchange<Context>): void {
    try {
      this.handler.finished(exchange);
    } catch (error) {
      this.events.fault(error);
    }
    this.tick.finish();
  }

  /** What the call throws never leaves the engine. */
  guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.events.fault(error);
    }
  }

  #commit(): boolean {
    try {
      return this.handler.commit();
    } catch (error) {
      this.events.fault(error);
      return false;
    }
  }
}
