import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { redisCacheFolder } from '../../bin/redis/cache-folder.ts';
import { findRedis } from '../../bin/redis/find.ts';
import type { RedisBinary } from '../../bin/redis/find.ts';
import { spawnRedis } from '../../bin/redis/server.ts';
import type { RedisSetting } from '../../bin/redis/server.ts';
import { until } from './latch.ts';
import { freePort } from './ports.ts';
import { track } from './resources.ts';
import { sendCommand } from './resp.ts';

export interface RedisOptions {
  /** Listen on a free TCP port as well (on 127.0.0.1). A cluster and a replica's master do anyway. */
  readonly tcp?: boolean;
  readonly appendonly?: boolean;
  readonly appendfsync?: 'always' | 'everysec' | 'no';
  /** The master, which must have been started with `tcp`. */
  readonly replicaof?: PrivateRedis;
  /** Run in cluster mode, with all slots served by this one node. */
  readonly cluster?: boolean;
  readonly requirepass?: string;
  readonly debugCommand?: boolean;
  /** Further lines of redis.conf. */
  readonly settings?: readonly RedisSetting[];
}

let binary: Promise<RedisBinary> | null = null;

/** Starts a redis-server of this test's own, empty, in a folder of its own. Throws, saying what to install, when there is none. */
export async function startRedis(options: RedisOptions = {}): Promise<PrivateRedis> {
  binary ??= findRedis(redisCacheFolder());
  const needsPort = options.tcp === true || options.cluster === true;
  const redis = new PrivateRedis(
    await binary,
    await mkdtemp(join(tmpdir(), 'tg-redis-')),
    needsPort ? await freePort() : 0,
    options,
  );
  await redis.start();
  if (options.cluster === true) {
    await redis.cli('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await until(async () => (await redis.cli('CLUSTER', 'INFO')).includes('cluster_state:ok'), 'the cluster is up');
  }
  return redis;
}

/** A redis-server that belongs to one test file. */
export class PrivateRedis {
  readonly folder: string;
  readonly socket: string;
  /** TCP port on 127.0.0.1; 0 when it has none. */
  readonly port: number;
  readonly #binary: RedisBinary;
  readonly #options: RedisOptions;
  readonly #untrack: () => void;
  #child: ChildProcess | null = null;

  constructor(redisBinary: RedisBinary, folder: string, port: number, options: RedisOptions) {
    this.#binary = redisBinary;
    this.#options = options;
    this.folder = folder;
    this.socket = join(folder, 's');
    this.port = port;
    this.#untrack = track({ stop: () => this.close(), abandon: () => this.#abandon() });
  }

  /** What REDIS_URL and `new Redis(url)` take: the TCP address when there is one, else the socket's path. */
  get url(): string {
    const password = this.#options.requirepass;
    if (this.port === 0)
      return password === undefined ? this.socket : `${this.socket}?password=${encodeURIComponent(password)}`;
    return `redis://${password === undefined ? '' : `:${encodeURIComponent(password)}@`}127.0.0.1:${this.port}`;
  }

  /** TCP port on which the nodes of a cluster speak with this one. */
  get busPort(): number {
    return busPortOf(this.port);
  }

  get running(): boolean {
    return this.#child !== null;
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('this redis-server is not running');
    return this.#child.pid;
  }

  /** Starts it (again) with what is in its folder. */
  async start(): Promise<void> {
    if (this.#child !== null) throw new Error('this redis-server is running already');
    const address = { socket: this.socket, port: this.port };
    const child = await spawnRedis(this.#binary, this.folder, address, settingsOf(this.#options, this.port));
    child.once('exit', () => {
      if (this.#child === child) this.#child = null;
    });
    this.#child = child;
  }

  /** Stops it in good order: it saves what its settings tell it to. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Removes what it keeps on disk; it must not run. */
  async wipe(): Promise<void> {
    for (const name of ['appendonlydir', 'dump.rdb']) {
      await rm(join(this.folder, name), { recursive: true, force: true });
    }
  }

  /** Holds the process up: connections stay open and nothing is answered. */
  pause(): void {
    process.kill(this.pid, 'SIGSTOP');
  }

  resume(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  /** Kills it and removes its folder. */
  async close(): Promise<void> {
    this.#untrack();
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Sends one command and answers with its raw RESP2 reply; throws on an error reply. */
  async cli(...command: string[]): Promise<string> {
    return sendCommand(this.socket, this.#options.requirepass ?? null, command);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const exited = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    await exited;
    this.#child = null;
  }

  #abandon(): void {
    this.#child?.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function busPortOf(port: number): number {
  return port > 45_000 ? port - 10_000 : port + 10_000;
}

function settingsOf(options: RedisOptions, port: number): RedisSetting[] {
  const settings: RedisSetting[] = [
    ['save', ''],
    ['appendonly', options.appendonly === true ? 'yes' : 'no'],
    ['appendfsync', options.appendfsync ?? 'everysec'],
    ['repl-diskless-sync-delay', '0'],
  ];
  if (options.cluster === true) {
    settings.push(
      ['cluster-enabled', 'yes'],
      ['cluster-announce-ip', '127.0.0.1'],
      ['cluster-require-full-coverage', 'no'],
    );
    settings.push(['cluster-port', String(busPortOf(port))]);
  }
  if (options.replicaof !== undefined) settings.push(['replicaof', '127.0.0.1', String(options.replicaof.port)]);
  if (options.requirepass !== undefined) settings.push(['requirepass', options.requirepass]);
  if (options.debugCommand === true) settings.push(['enable-debug-command', 'yes']);
  return [...settings, ...(options.settings ?? [])];
}
