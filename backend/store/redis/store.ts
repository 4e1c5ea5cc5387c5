import { createHash } from 'node:crypto';
import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/log.ts';
import type { Store, StoreHealth } from '../store.ts';
import { retentionOf } from '../windows.ts';
import type { Retention } from '../windows.ts';
import { ChangeFeed } from './change-feed.ts';
import { ClusterTopology } from './cluster.ts';
import { RedisCounters } from './counters.ts';
import { Dispatcher } from './dispatcher.ts';
import { RedisDocuments } from './documents.ts';
import { flushStore } from './flush.ts';
import { CONFIG_TAG, STORE, VERSION } from './keys.ts';
import { RedisLeases } from './leases.ts';
import { RedisLogs } from './logs.ts';
import { Presence } from './presence.ts';
import { list, number } from './replies.ts';
import type { Server, ServerSettings } from './server.ts';
import { Subscriber } from './subscriber.ts';
import { SingleTopology } from './topology.ts';
import type { Topology } from './topology.ts';
import { parseRedisUrl } from './url.ts';
import type { RedisTarget, ServerOptions } from './url.ts';

export interface RedisStoreOptions {
  /** `parseRedisUrl` says in which forms. */
  readonly url: string;
  /** Replicas that must have a grant before it is answered (protocol R7); null (default): as many as were ever seen. */
  readonly waitReplicas?: number | null;
  readonly retention?: Partial<Retention>;
  /** Longest time for one command, ms. Default 500. */
  readonly commandMs?: number;
  /** Longest time to connect, ms. Default 1000. */
  readonly connectMs?: number;
}

export interface RedisStoreDeps {
  readonly clock: Clock;
  readonly log: Logger;
}

export interface RedisStore extends Store {
  /** An operator's word, where health says `store_lost`: what is missing is lost, go on without it. Grants are frozen where something was. */
  acceptLoss(): Promise<void>;
}

/** The version is asked for this often, ms: a change whose message was lost is noticed within two rounds. */
const POLL_INTERVAL = 400;
/** How the servers stand, and whether all parts of the store are there, ms. */
const CHECK_INTERVAL = 10_000;

/** The store in Redis. Answers when the first attempt to reach it is over; until Redis answers, everything is a StoreUnavailable. */
export async function createRedisStore(options: RedisStoreOptions, deps: RedisStoreDeps): Promise<RedisStore> {
  const parts = assemble(options, deps);
  const { topology, dispatcher, presence, feed, subscriber } = parts;
  await topology.open();
  await Promise.all([presence.check(), subscriber.open()]);
  await poll(parts);
  const timers = [
    deps.clock.every(POLL_INTERVAL, () => void poll(parts)),
    deps.clock.every(CHECK_INTERVAL, () => void topology.refresh().then(() => presence.check())),
  ];
  const retention = retentionOf(options.retention ?? {});
  return {
    kind: 'redis',
    documents: new RedisDocuments(dispatcher, feed, () => presence.id()),
    logs: new RedisLogs(dispatcher),
    counters: new RedisCounters(dispatcher, deps.clock, retention),
    leases: new RedisLeases(dispatcher, deps.clock, retention),
    identity: () => identityOf(parts),
    time: async () => {
      const [seconds, micros] = list(await dispatcher.query(CONFIG_TAG, 'TIME', []));
      return number(seconds) * 1_000 + Math.floor(number(micros) / 1_000);
    },
    health: async () => healthOf(parts),
    flush: async () => flushStore(topology, dispatcher, feed),
    acceptLoss: async () => presence.acceptLoss(feed.version + 1),
    close: async () => {
      for (const timer of timers) timer.cancel();
      subscriber.close();
      topology.close();
    },
  };
}

interface Parts {
  readonly topology: Topology;
  readonly dispatcher: Dispatcher;
  readonly presence: Presence;
  readonly feed: ChangeFeed;
  readonly subscriber: Subscriber;
}

function assemble(options: RedisStoreOptions, deps: RedisStoreDeps): Parts {
  const { commandMs = 500, connectMs = 1_000, waitReplicas = null } = options;
  const settings = { limits: { commandMs, connectMs }, waitReplicas };
  const presence: Presence = new Presence(() => dispatcher, deps.log);
  const feed = new ChangeFeed(() => void presence.check());
  const topology = topologyFor(parseRedisUrl(options.url), settings, deps, () => void presence.check());
  const dispatcher = new Dispatcher(
    topology,
    deps.clock,
    commandMs,
    () => presence.id(),
    () => void presence.check(),
  );
  const address = (): ServerOptions | null => addressOf(topology);
  return { topology, dispatcher, presence, feed, subscriber: new Subscriber(address, feed, deps.clock, connectMs) };
}

function topologyFor(
  target: RedisTarget,
  settings: ServerSettings,
  deps: RedisStoreDeps,
  onChange: () => void,
): Topology {
  if (target.kind !== 'cluster') return new SingleTopology(target.server, settings, deps, onChange);
  return new ClusterTopology(target.seeds, target.server, settings, deps, onChange);
}

/** Where to subscribe; in a cluster every node passes messages on. */
function addressOf(topology: Topology): ServerOptions | null {
  try {
    return topology.serverFor(CONFIG_TAG).address;
  } catch {
    return null;
  }
}

/** Asks for the version, and whether the store is still there. Never rejects: what stands in the way is known from the servers. */
async function poll({ topology, dispatcher, presence, feed }: Parts): Promise<void> {
  // In a cluster another node may have taken over.
  if (topology.servers().some(({ facts }) => facts === null)) await topology.refresh();
  if (presence.problem !== null) await presence.check();
  try {
    const [mark, version] = await Promise.all([
      dispatcher.query(CONFIG_TAG, 'HGET', [STORE, 'id']),
      dispatcher.query(CONFIG_TAG, 'HGET', [VERSION, 'version']),
    ]);
    if (mark === presence.id()) feed.poll(number(version ?? 0));
    else await presence.check();
  } catch {
    // The next round asks again.
  }
}

/** Changes whenever a server process, the acceptance of a loss, or a new foundation may have made the store forget. */
function identityOf({ topology, presence }: Parts): string {
  const runs = topology.servers().map(({ runId }) => runId);
  const text = JSON.stringify([presence.known, presence.generation, ...runs.toSorted()]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function healthOf({ topology, presence }: Parts): StoreHealth {
  const servers = topology.servers();
  const down = servers.find(({ facts }) => facts === null);
  const bounded = servers.map(({ exactness }) => exactness).find(({ limits }) => limits === 'bounded');
  const worst = bounded ?? servers[0]?.exactness ?? { limits: 'bounded', limitsReason: 'no server is known' };
  const problem = problemOf(servers.length === 0, down, presence);
  const held = servers.map(({ grantsHeld }) => grantsHeld).find((why) => why !== '') ?? '';
  return { ready: problem === '', problem, ...worst, grantsHeld: held };
}

function problemOf(none: boolean, down: Server | undefined, presence: Presence): string {
  if (none) return 'no node of the Redis Cluster can be reached: check REDIS_URL';
  if (down !== undefined) return `${down.name}: ${down.problem.message}`;
  return presence.problem?.message ?? '';
}
