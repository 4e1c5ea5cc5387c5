import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/log.ts';
import { Connection } from './connection.ts';
import type { ConnectionLimits } from './connection.ts';
import { Durability } from './durability.ts';
import { exactness, grantsHeld } from './facts.ts';
import type { ServerFacts } from './facts.ts';
import { scripts } from './scripts.ts';
import type { Script } from './scripts.ts';
import type { ServerOptions } from './url.ts';
import type { StoreHealth, StoreUnavailable } from '../store.ts';
import { encodeArguments, encodeCount, joinArguments, NO_ARGUMENTS } from './wire.ts';
import type { Arguments } from './wire.ts';

export interface ServerDeps {
  readonly clock: Clock;
  readonly log: Logger;
}

export interface ServerSettings {
  readonly limits: ConnectionLimits;
  /** Replicas that must have a grant; null: as many as were ever seen. */
  readonly waitReplicas: number | null;
}

export interface RunOptions {
  /** Answer when the replicas have what the script wrote, as many as are wanted. */
  readonly durable: boolean;
  /** The slot is being moved to this server (ASK). */
  readonly asking: boolean;
  /** Send the script itself: the server does not know it. */
  readonly whole: boolean;
}

/** Keys and arguments of a script, as they are sent. */
export interface ScriptCall {
  readonly keys: Arguments;
  readonly args: Arguments;
}

/** One Redis server: a connection for scripts, which WAIT may hold up, and one for reading. */
export class Server {
  readonly name: string;
  /** How it is reached. */
  readonly address: ServerOptions;
  readonly #settings: ServerSettings;
  readonly #log: Logger;
  readonly #scripts: Connection;
  readonly #queries: Connection;
  readonly #durability: Durability;
  readonly #onChange: () => void;
  /** The most replicas that this process has seen: that one of them is away is no reason to do without it. */
  #replicasSeen = 0;
  #wasReady: boolean | null = null;
  #toldHeld = false;
  #lastRunId = '';

  /** `name` says in the log which server it is. `onChange` is called when it gets ready or stops being so. */
  constructor(name: string, options: ServerOptions, settings: ServerSettings, deps: ServerDeps, onChange: () => void) {
    this.name = name;
    this.address = options;
    this.#settings = settings;
    this.#log = deps.log;
    this.#onChange = onChange;
    const changed = (): void => this.#changed();
    this.#scripts = new Connection(options, settings.limits, deps.clock, changed);
    this.#queries = new Connection(options, settings.limits, deps.clock, changed);
    this.#durability = new Durability(this.#scripts, Math.floor(settings.limits.commandMs / 2));
  }

  /** Null while it is not ready. */
  get facts(): ServerFacts | null {
    return this.#queries.facts === null ? null : this.#scripts.facts;
  }

  /** Of the server process that was last spoken with; empty before the first. */
  get runId(): string {
    return this.#lastRunId;
  }

  get problem(): StoreUnavailable {
    return this.#scripts.facts === null ? this.#scripts.problem : this.#queries.problem;
  }

  /** Replicas that must have a grant before it is answered. */
  get replicasWanted(): number {
    return this.#settings.waitReplicas ?? this.#replicasSeen;
  }

  get exactness(): Pick<StoreHealth, 'limits' | 'limitsReason'> {
    const { facts } = this;
    if (facts === null) return { limits: 'bounded', limitsReason: 'Redis does not answer' };
    return exactness(facts, this.replicasWanted);
  }

  /** Why no grant is answered at present (protocol R7); empty: they are, or the server is not ready at all. */
  get grantsHeld(): string {
    return this.facts === null ? '' : grantsHeld(this.facts, this.replicasWanted);
  }

  /** Resolves after the first attempt to connect. */
  async open(): Promise<void> {
    await Promise.all([this.#scripts.open(), this.#queries.open()]);
  }

  async refresh(): Promise<void> {
    await Promise.all([this.#scripts.refresh(), this.#queries.refresh()]);
    this.#noteReplicas();
    this.#tellHeld();
  }

  close(): void {
    this.#scripts.close();
    this.#queries.close();
  }

  /** A command that changes nothing. `asking`: the slot is being moved to this server. */
  query(name: string, args: readonly (string | number)[], asking = false): Promise<unknown> {
    return send(this.#queries, name, encodeArguments(args), asking);
  }

  /** A command that writes; not known to be durable. */
  write(name: string, args: readonly (string | number)[], asking = false): Promise<unknown> {
    return send(this.#scripts, name, encodeArguments(args), asking);
  }

  /** Runs a script, which the server must know (else a RedisReply `NOSCRIPT`: nothing was executed), or `whole`. */
  run(script: Script, { keys, args }: ScriptCall, { durable, asking, whole }: RunOptions): Promise<unknown> {
    const name = whole ? 'EVAL' : 'EVALSHA';
    const body = whole ? script.encoded.source : script.encoded.sha;
    const reply = send(this.#scripts, name, joinArguments(body, encodeCount(keys.count), keys, args), asking);
    const wanted = durable ? this.replicasWanted : 0;
    return wanted === 0 ? reply : this.#durably(reply, wanted);
  }

  /** The replicas are asked for behind the script, without waiting for its answer. */
  async #durably(reply: Promise<unknown>, wanted: number): Promise<unknown> {
    const [value] = await Promise.all([reply, this.#durability.confirm(wanted)]);
    return value;
  }

  /** Ahead of their first use, so that it does not bear the cost. One that is missing is sent with its first use. */
  async #loadScripts(): Promise<void> {
    await Promise.allSettled(Object.values(scripts).map(async ({ source }) => this.write('SCRIPT', ['LOAD', source])));
  }

  #noteReplicas(): void {
    this.#replicasSeen = Math.max(this.#replicasSeen, this.#scripts.facts?.replicas ?? 0);
  }

  #tellHeld(): void {
    const { grantsHeld: problem } = this;
    if ((problem !== '') === this.#toldHeld || this.facts === null) return;
    this.#toldHeld = problem !== '';
    if (this.#toldHeld)
      this.#log.error({ code: 'grants_held', server: this.name, problem }, 'no limit grants anything');
    else this.#log.info({ code: 'grants_resumed', server: this.name }, 'limits grant again');
  }

  #changed(): void {
    this.#noteReplicas();
    this.#lastRunId = this.#scripts.facts?.runId ?? this.#lastRunId;
    const ready = this.facts !== null;
    if (ready !== this.#wasReady) {
      if (ready) void this.#loadScripts();
      if (ready) this.#log.info({ server: this.name, runId: this.facts?.runId, ...this.exactness }, 'Redis is ready');
      else if (this.#wasReady !== null || this.problem.code !== 'connecting') {
        const { code: reason } = this.problem;
        this.#log.error(
          { code: 'redis_unavailable', server: this.name, reason, err: this.problem },
          'Redis is not available',
        );
      } else return;
      this.#wasReady = ready;
    }
    this.#tellHeld();
    this.#onChange();
  }
}

async function askingFirst(connection: Connection, name: string, args: Arguments): Promise<unknown> {
  // Holds for the next command on the connection, which is this one.
  const asked = connection.send('ASKING', NO_ARGUMENTS);
  const [reply] = await Promise.all([connection.send(name, args), asked]);
  return reply;
}

function send(connection: Connection, name: string, args: Arguments, asking: boolean): Promise<unknown> {
  return asking ? askingFirst(connection, name, args) : connection.send(name, args);
}
