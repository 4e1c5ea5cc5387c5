import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { redisCacheFolder } from '../../bin/redis/cache-folder.ts';
import { findRedis } from '../../bin/redis/find.ts';
import { bulkStrings } from './cluster.ts';
import { until } from './latch.ts';
import { freePort } from './ports.ts';
import { startProcess } from './process.ts';
import type { TestProcess } from './process.ts';
import { startRedis } from './redis.ts';
import type { PrivateRedis, RedisOptions } from './redis.ts';
import { sendCommand } from './resp.ts';

const NAME = 'shop';
/** Longest wait until Sentinels and servers agree: an old master is told to follow after about 10 s. */
const AGREEMENT = 45_000;

interface Sentinel {
  readonly port: number;
  readonly file: string;
  process: TestProcess;
}

/** One master with its replicas, and the Sentinels that watch them. */
export class SentinelGroup {
  /** All of them, the first master first. */
  readonly servers: readonly PrivateRedis[];
  readonly sentinels: readonly Sentinel[];

  constructor(servers: readonly PrivateRedis[], sentinels: readonly Sentinel[]) {
    this.servers = servers;
    this.sentinels = sentinels;
  }

  /** What REDIS_URL takes. */
  get url(): string {
    return `redis+sentinel://${this.sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${NAME}`;
  }

  /** The server that the first Sentinel that answers names. */
  async master(): Promise<PrivateRedis> {
    for (const { port } of this.sentinels) {
      const reply = await sendCommand(port, null, ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME]).catch(() => '');
      const named = Number(bulkStrings(reply)[1]);
      const server = this.servers.find((each) => each.port === named);
      if (server !== undefined) return server;
    }
    throw new Error('no Sentinel names a master');
  }

  /** Resolves when one master is named, and all others follow it. */
  async whole(): Promise<void> {
    await until(() => this.#isWhole(), 'one master is named, and all others follow it', AGREEMENT);
  }

  /** Tells a Sentinel to make a replica the master. */
  async failover(): Promise<void> {
    await sendCommand(this.sentinels[0]?.port ?? 0, null, ['SENTINEL', 'FAILOVER', NAME]);
  }

  async killSentinel(index: number): Promise<void> {
    await this.sentinels[index]?.process.kill();
  }

  /** Those that were killed run again. */
  async startSentinels(): Promise<void> {
    for (const sentinel of this.sentinels) {
      if (!sentinel.process.running) sentinel.process = await runSentinel(sentinel.file);
    }
  }

  async close(): Promise<void> {
    for (const { process } of this.sentinels) await process.kill();
    for (const server of this.servers) await server.close();
  }

  async #isWhole(): Promise<boolean> {
    const names = await Promise.all(
      this.sentinels.map(async ({ port }) => {
        const reply = await sendCommand(port, null, ['SENTINEL', 'MASTER', NAME]).catch(() => '');
        const fields = bulkStrings(reply);
        const field = (name: string): string => fields[fields.indexOf(name) + 1] ?? '';
        const sees = Number(field('num-slaves')) >= this.servers.length - 1 && field('flags') === 'master';
        return sees && Number(field('num-other-sentinels')) === this.sentinels.length - 1 ? field('port') : '';
      }),
    );
    const [port = ''] = names;
    if (port === '' || names.some((name) => name !== port)) return false;
    const master = this.servers.find((server) => server.port === Number(port));
    const info = (await master?.cli('INFO', 'replication').catch(() => '')) ?? '';
    const online = info.match(/state=online/g)?.length ?? 0;
    return info.includes('role:master') && online === this.servers.length - 1;
  }
}

export interface SentinelOptions {
  readonly replicas: number;
  readonly sentinels: number;
  readonly redis?: RedisOptions;
}

/** Starts them, and waits until all know each other. A master is taken for dead after half a second. */
export async function startSentinelGroup({ replicas, sentinels, redis = {} }: SentinelOptions): Promise<SentinelGroup> {
  const master = await startRedis({ ...redis, tcp: true });
  const servers = [master];
  for (let index = 0; index < replicas; index++) {
    servers.push(await startRedis({ ...redis, tcp: true, replicaof: master }));
  }
  const watchers: Sentinel[] = [];
  for (let index = 0; index < sentinels; index++) {
    watchers.push(await startSentinel(master, index, Math.floor(sentinels / 2) + 1));
  }
  const group = new SentinelGroup(servers, watchers);
  await group.whole();
  return group;
}

async function startSentinel(master: PrivateRedis, index: number, quorum: number): Promise<Sentinel> {
  const port = await freePort();
  const file = join(master.folder, `sentinel-${index}.conf`);
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${master.folder}`,
    `sentinel monitor ${NAME} 127.0.0.1 ${master.port} ${quorum}`,
    `sentinel down-after-milliseconds ${NAME} 500`,
    `sentinel failover-timeout ${NAME} 3000`,
    `sentinel parallel-syncs ${NAME} 4`,
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  return { port, file, process: await runSentinel(file) };
}

async function runSentinel(file: string): Promise<TestProcess> {
  const { path, env } = await findRedis(redisCacheFolder());
  return startProcess(path, [file, '--sentinel'], { env, ready: /\+monitor master/ });
}
