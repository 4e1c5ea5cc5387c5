import { randomInt } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Clock, Timer } from '../../../shared/clock.ts';
import { StoreUnavailable } from '../store.ts';
import { before } from './deadline.ts';
import { explain, RedisReply } from './errors.ts';
import { readFacts, refusal } from './facts.ts';
import type { ServerFacts } from './facts.ts';
import { Pending } from './pending.ts';
import type { ServerOptions } from './url.ts';
import { EncodedCommand, encodeArguments } from './wire.ts';
import type { Arguments } from './wire.ts';

/** Time limits of a connection, ms. */
export interface ConnectionLimits {
  readonly connectMs: number;
  readonly commandMs: number;
}

const FIRST_RETRY = 50;
const LONGEST_RETRY = 2_000;
/** A server that has not answered a PING for so long is gone, whatever TCP says, ms. */
const PING_INTERVAL = 1_000;
/** Commands that may wait for their answers on one connection. */
const MAX_PENDING = 10_000;

/** Commands of one turn of the event loop are held back, to leave in one write at its end. */
interface Held {
  readonly stream: Redis['stream'];
  commands: number;
}

/** So many leave before the end of the turn: Redis may begin with them. */
const HELD_AT_MOST = 16;

/**
 * One connection at a time to one server, made anew when it breaks. Nothing is ever sent twice or kept for later: a
 * command is answered, or fails at once or after the time limit, as a StoreUnavailable or (an error that the caller can
 * handle) a RedisReply. As long as it is ready it speaks with the same server process, whose run id is in `facts`.
 */
export class Connection {
  readonly #options: ServerOptions;
  readonly #limits: ConnectionLimits;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  #client: Redis | null = null;
  #facts: ServerFacts | null = null;
  #problem = new StoreUnavailable('connecting', 'the connection to Redis is not made yet');
  #retries = 0;
  readonly #pending: Pending;
  #held: Held | null = null;
  #timer: Timer | null = null;
  #closed = false;

  /** `onChange` is called when it gets ready or stops being so. */
  constructor(options: ServerOptions, limits: ConnectionLimits, clock: Clock, onChange: () => void) {
    this.#options = options;
    this.#limits = limits;
    this.#clock = clock;
    this.#onChange = onChange;
    this.#pending = new Pending(clock, limits.commandMs);
  }

  /** Null while it is not ready. */
  get facts(): ServerFacts | null {
    return this.#facts;
  }

  /** Why it is not ready. */
  get problem(): StoreUnavailable {
    return this.#problem;
  }

  /** Resolves after the first attempt, whatever came of it; further ones follow by themselves. */
  async open(): Promise<void> {
    if (this.#closed) return;
    const client = this.#connect();
    try {
      await before(client.connect(), this.#limits.connectMs, this.#clock);
      const facts = await before(askFacts(client), this.#limits.commandMs, this.#clock);
      const reason = refusal(facts);
      if (reason !== null) throw new StoreUnavailable(reason.code, reason.message);
      if (this.#client !== client) return;
      this.#facts = facts;
      this.#retries = 0;
      this.#timer = this.#clock.every(PING_INTERVAL, this.#pinger(client));
      this.#onChange();
    } catch (error) {
      this.#drop(client, error);
    }
  }

  /** Asks the server again how it stands, and leaves it when it may no longer be used. */
  async refresh(): Promise<void> {
    const client = this.#client;
    if (client === null || this.#facts === null) return;
    try {
      const facts = await before(askFacts(client), this.#limits.commandMs, this.#clock);
      const reason = refusal(facts);
      if (this.#client !== client || this.#facts === null) return;
      if (reason !== null) this.#drop(client, new StoreUnavailable(reason.code, reason.message));
      else this.#facts = facts;
    } catch (error) {
      if (isLasting(error)) this.#drop(client, error);
    }
  }

  command(name: string, args: readonly (string | number)[]): Promise<unknown> {
    return this.send(name, encodeArguments(args));
  }

  /** The same with arguments that are encoded already. */
  send(name: string, args: Arguments): Promise<unknown> {
    const client = this.#client;
    if (client === null || this.#facts === null) return Promise.reject(this.#again());
    if (this.#pending.size >= MAX_PENDING) {
      const message = `${MAX_PENDING} commands wait for Redis on one connection`;
      return Promise.reject(new StoreUnavailable('overloaded', message));
    }
    this.#hold(client);
    const command = new EncodedCommand(name, args);
    client.sendCommand(command);
    return this.#pending.wait(command.promise, (error) => {
      const meaning = explain(error);
      if (isLasting(meaning)) this.#drop(client, meaning);
      return meaning;
    });
  }

  /** To be called before each command. */
  #hold({ stream }: Redis): void {
    const held = this.#held?.stream === stream ? this.#held : this.#beginToHold(stream);
    if (held.commands === HELD_AT_MOST) {
      stream.uncork();
      stream.cork();
      held.commands = 0;
    }
    held.commands += 1;
  }

  #beginToHold(stream: Redis['stream']): Held {
    const held = { stream, commands: 0 };
    this.#held = held;
    stream.cork();
    setImmediate(() => {
      if (this.#held === held) this.#held = null;
      stream.uncork();
    });
    return held;
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#facts = null;
    this.#client?.disconnect();
    this.#client = null;
  }

  #connect(): Redis {
    const options: ServerOptions = {
      ...this.#options,
      lazyConnect: true,
      protocol: 2,
      connectTimeout: this.#limits.connectMs,
      // One life for each client: what was in flight when it broke fails, and nothing is sent again.
      retryStrategy: () => null,
      sentinelRetryStrategy: () => null,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      enableOfflineQueue: false,
      disableClientInfo: true,
    };
    const client = new Redis(options);
    client.on('error', (error) => this.#drop(client, error));
    client.on('end', () => this.#drop(client, new Error('the server closed the connection')));
    this.#client = client;
    return client;
  }

  /** Every second: an answer to the last PING must have come by the next. */
  #pinger(client: Redis): () => void {
    let waiting = false;
    return () => {
      if (waiting) {
        this.#drop(client, new StoreUnavailable('unresponsive', 'Redis has stopped answering'));
        return;
      }
      waiting = true;
      client.ping().then(
        () => (waiting = false),
        () => (waiting = false),
      );
    };
  }

  /** Leaves a client that broke, and plans the next attempt. */
  #drop(client: Redis, error: unknown): void {
    if (this.#client !== client) return;
    const meaning = explain(error);
    const problem = meaning instanceof RedisReply ? new StoreUnavailable('error', meaning.message) : meaning;
    const wasReady = this.#facts !== null;
    this.#client = null;
    this.#facts = null;
    this.#timer?.cancel();
    client.disconnect();
    const changed = wasReady || problem.code !== this.#problem.code;
    this.#problem = problem;
    const delay = Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** this.#retries);
    this.#retries += 1;
    // Spread, so that many processes do not come back in step.
    this.#timer = this.#clock.after(delay / 2 + randomInt(Math.ceil(delay / 2) + 1), () => void this.open());
    if (changed) this.#onChange();
  }

  /** The known problem, with the stack of this call. */
  #again(): StoreUnavailable {
    return new StoreUnavailable(this.#problem.code, this.#problem.message, { cause: this.#problem });
  }
}

/** Problems for which this server must be left: the next attempt finds out whether they have passed. */
const LASTING = new Set(['read_only', 'authentication', 'loading', 'disconnected', 'version', 'eviction']);

function isLasting(error: unknown): boolean {
  return error instanceof StoreUnavailable && LASTING.has(error.code);
}

async function askFacts(client: Redis): Promise<ServerFacts> {
  try {
    const [info, fsync] = await Promise.all([client.info(), readFsync(client)]);
    return readFacts(info, fsync);
  } catch (error) {
    throw explain(error);
  }
}

/** Null when the user may not read it. */
async function readFsync(client: Redis): Promise<string | null> {
  try {
    const reply = await client.config('GET', 'appendfsync');
    return Array.isArray(reply) && typeof reply[1] === 'string' ? reply[1] : null;
  } catch (error) {
    const meaning = explain(error);
    if (meaning.code === 'permission' || meaning.code === 'error') return null;
    throw meaning;
  }
}
