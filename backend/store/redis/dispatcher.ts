import type { Clock } from '../../../shared/clock.ts';
import { StoreUnavailable } from '../store.ts';
import { RedisReply } from './errors.ts';
import { ownerKey, SHARD_TAGS } from './keys.ts';
import type { Script } from './scripts.ts';
import type { ScriptCall, Server } from './server.ts';
import type { Topology } from './topology.ts';
import { encodeArguments, joinArguments } from './wire.ts';
import type { Arguments } from './wire.ts';

/** How often a command follows the moves of its slot. */
const MAX_MOVES = 20;
/** Pause while a slot is being moved, ms. */
const MOVE_PAUSE = 25;
/** How long grants are frozen after a server that may have forgotten some took over, ms: 3 × lease time (protocol R8). */
const FREEZE = 3_000;

interface Fence {
  readonly id: string;
  readonly runId: string;
  readonly freeze: number;
  readonly args: Arguments;
}

/** `asking`: the slot is being moved to the server. `whole`: it does not know the script. */
interface How {
  readonly asking: boolean;
  readonly whole: boolean;
}

const OWNERS: ReadonlyMap<string, Arguments> = new Map(
  SHARD_TAGS.map((tag) => [tag, encodeArguments([ownerKey(tag)])] as const),
);

function ownerOf(tag: string): Arguments {
  return OWNERS.get(tag) ?? encodeArguments([ownerKey(tag)]);
}

/** Sends what belongs to a hash tag to the server that has it. */
export class Dispatcher {
  readonly #topology: Topology;
  readonly #clock: Clock;
  readonly #commandMs: number;
  readonly #storeId: () => string;
  readonly #onLost: () => void;
  readonly #fences = new WeakMap<Server, Fence>();

  /** `storeId` gives the id that every shard must bear, or throws; `onLost` is called when one does not. */
  constructor(topology: Topology, clock: Clock, commandMs: number, storeId: () => string, onLost: () => void) {
    this.#topology = topology;
    this.#clock = clock;
    this.#commandMs = commandMs;
    this.#storeId = storeId;
    this.#onLost = onLost;
  }

  /** A command that changes nothing. */
  query(tag: string, name: string, args: readonly (string | number)[]): Promise<unknown> {
    return this.#inStore(tag, (_id, server, { asking }) => server.query(name, args, asking));
  }

  /** A command that writes. Not known to be durable. */
  write(tag: string, name: string, args: readonly (string | number)[]): Promise<unknown> {
    return this.#inStore(tag, (_id, server, { asking }) => server.write(name, args, asking));
  }

  /** The same whether or not the store is what it should be: for finding that out. */
  queryAnyway(tag: string, name: string, args: readonly (string | number)[]): Promise<unknown> {
    return this.#on(tag, (server, { asking }) => server.query(name, args, asking));
  }

  writeAnyway(tag: string, name: string, args: readonly (string | number)[]): Promise<unknown> {
    return this.#on(tag, (server, { asking }) => server.write(name, args, asking));
  }

  /** A script that neither counts nor grants: the store id is its first argument. With `durable` it answers when durable as configured. */
  run(
    script: Script,
    tag: string,
    keys: readonly string[],
    args: readonly string[],
    durable: boolean,
  ): Promise<unknown> {
    return this.#inStore(tag, (id, server, how) => {
      const call = { keys: encodeArguments(keys), args: encodeArguments([id, ...args]) };
      return server.run(script, call, { durable, ...how });
    });
  }

  /** A script that counts or grants: the fence (protocol R8) is its first key and its first three arguments. Answers when durable as configured. */
  runFenced(script: Script, tag: string, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    return this.runEncoded(script, tag, { keys: encodeArguments(keys), args: encodeArguments(args) });
  }

  /** The same with keys and arguments that are encoded already. */
  runEncoded(script: Script, tag: string, { keys, args }: ScriptCall): Promise<unknown> {
    return this.#inStore(tag, (id, server, { asking, whole }) => {
      const fenced = { keys: joinArguments(ownerOf(tag), keys), args: joinArguments(this.#fenceOf(server, id), args) };
      return server.run(script, fenced, { durable: true, asking, whole });
    });
  }

  /** The same for every call, so it is encoded once. */
  #fenceOf(server: Server, id: string): Arguments {
    const { facts, exactness } = server;
    if (facts === null) throw server.problem;
    const freeze = exactness.limits === 'exact' ? 0 : FREEZE;
    const known = this.#fences.get(server);
    if (known?.id === id && known.runId === facts.runId && known.freeze === freeze) return known.args;
    const args = encodeArguments([id, facts.runId, freeze]);
    this.#fences.set(server, { id, runId: facts.runId, freeze, args });
    return args;
  }

  /** The same for what needs the store to be the one that it was: `id` is its id. Rejects while it is not known to be there. */
  #inStore(tag: string, action: (id: string, server: Server, how: How) => Promise<unknown>): Promise<unknown> {
    let id: string;
    try {
      id = this.#storeId();
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
    return this.#on(tag, (server, how) => action(id, server, how));
  }

  /**
   * Runs an action on the tag's server, and on the one it has moved to. What is answered with a move, or with the word
   * that the script is not known, was not executed.
   */
  async #on(tag: string, action: (server: Server, how: How) => Promise<unknown>): Promise<unknown> {
    const deadline = this.#clock.monotonic() + this.#commandMs;
    let ask: string | null = null;
    let whole = false;
    for (let moves = 0; ; moves++) {
      try {
        const server = ask === null ? this.#topology.serverFor(tag) : this.#topology.serverAt(ask);
        return await action(server, { asking: ask !== null, whole });
      } catch (error) {
        if (error instanceof StoreUnavailable && error.code === 'store_lost') this.#onLost();
        if (!(error instanceof RedisReply)) throw error;
        if (error.code === 'NOSCRIPT' && !whole) {
          whole = true;
          continue;
        }
        if (!isMove(error.code)) throw error;
        if (moves >= MAX_MOVES || this.#clock.monotonic() > deadline) {
          throw new StoreUnavailable('cluster', 'a slot of the cluster is being moved', { cause: error });
        }
        ask = error.code === 'ASK' ? (error.message.split(' ')[2] ?? null) : null;
        await this.#follow(error.code, ask);
      }
    }
  }

  async #follow(code: string, ask: string | null): Promise<void> {
    if (ask !== null) await this.#topology.ask(ask);
    if (code === 'MOVED') await this.#topology.refresh();
    else if (code === 'TRYAGAIN') await new Promise<void>((resolve) => void this.#clock.after(MOVE_PAUSE, resolve));
  }
}

function isMove(code: string): boolean {
  return code === 'MOVED' || code === 'ASK' || code === 'TRYAGAIN';
}
