import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from '../harness/ports.ts';
import { startNode } from '../harness/process.ts';
import type { TestProcess } from '../harness/process.ts';
import type { PrivateCluster } from '../harness/cluster.ts';
import type { SentinelGroup } from '../harness/sentinel.ts';
import { within } from '../harness/latch.ts';
import { call, untilTrue } from './admin.ts';
import type { StoreKind } from './faults/fault.ts';
import { Ledger } from './ledger.ts';
import { Link } from './link.ts';
import type { Random } from './random.ts';
import { startClusterStore } from './stores/cluster.ts';
import { startSentinel } from './stores/sentinel.ts';
import { startSingle } from './stores/single.ts';
import type { RedisStore } from './stores/store.ts';
import { LedgerUpstream } from './upstream.ts';

const run = promisify(execFile);

export interface WorldOptions {
  readonly store: StoreKind;
  readonly gateways: number;
  readonly mode: string;
  readonly random: Random;
  /** How long partitions of row 46 last; null: some seconds. Then gateways serve known callers meanwhile. */
  readonly outageMs: number | null;
  /** Reports that pile up in row 28. */
  readonly backlog: number;
  /** REDIS_WAIT_REPLICAS; null: not set. */
  readonly waitReplicas: string | null;
}

/** One gateway with its journal on a small file system of its own, so that its disk can be filled. */
export interface GatewayNode {
  readonly name: string;
  readonly port: number;
  readonly adminPort: number;
  readonly journal: string;
  readonly threads: number;
  process: TestProcess | null;
}

const JOURNAL_SPACE = '24m';

/** Real processes, and the links between them: clients → gateways → link → backend → link → Redis; worker → Redis. */
export class World {
  readonly options: WorldOptions;
  readonly folder: string;
  readonly gateways: GatewayNode[] = [];
  readonly upstream: LedgerUpstream;
  ledger = new Ledger();
  /** Null: the embedded store. */
  redis: RedisStore | null = null;
  sentinel: SentinelGroup | null = null;
  cluster: PrivateCluster | null = null;
  backendLink: Link;
  backend: TestProcess | null = null;
  worker: TestProcess | null = null;
  backendPort = 0;
  workerPort = 0;
  readonly #mounts: string[] = [];

  private constructor(options: WorldOptions, folder: string) {
    this.options = options;
    this.folder = folder;
    this.upstream = new LedgerUpstream(() => this.ledger);
    this.backendLink = new Link(0, () => options.random.next());
  }

  static async start(options: WorldOptions): Promise<World> {
    const world = new World(options, await mkdtemp(join(tmpdir(), 'tg-chaos-')));
    await world.upstream.listen();
    await world.#startStore();
    const [backendPort = 0, workerPort = 0, ...ports] = await freePorts(2 + 2 * options.gateways);
    world.backendPort = backendPort;
    world.workerPort = workerPort;
    world.backendLink = await new Link(backendPort, () => options.random.next()).listen();
    await world.startBackend();
    await world.startWorker();
    for (let index = 0; index < options.gateways; index++) {
      const journal = await world.#mount(`g${index}`);
      const node = {
        name: `gateway ${index}`,
        port: ports[2 * index] ?? 0,
        adminPort: ports[2 * index + 1] ?? 0,
        journal,
        threads: index % 2 === 0 ? 2 : 0,
        process: null,
      };
      world.gateways.push(node);
    }
    return world;
  }

  /** `extra`: further variables. */
  async startBackend(extra: Readonly<Record<string, string>> = {}): Promise<void> {
    const env = {
      PORT: String(this.backendPort),
      WORKER: this.redis === null ? 'on' : 'off',
      LOG_LEVEL: 'warn',
      ...this.#storeEnv(),
      ...extra,
    };
    this.backend = await startNode('bin/tallygate.js', ['backend'], { env });
    await this.#untilReady(this.backendPort, this.backend);
  }

  /** Where there is a queue. */
  async startWorker(): Promise<void> {
    if (this.redis === null) return;
    const env = { ADMIN_PORT: String(this.workerPort), LOG_LEVEL: 'warn', ...this.#storeEnv() };
    this.worker = await startNode('bin/tallygate.js', ['worker'], { env });
    await this.#untilReady(this.workerPort, this.worker);
  }

  async startGateway(node: GatewayNode, extra: Readonly<Record<string, string>> = {}): Promise<void> {
    node.process = await startNode('bin/tallygate.js', ['gateway'], { env: { ...this.#gatewayEnv(node), ...extra } });
    await this.#untilReady(node.adminPort, node.process);
  }

  /** `exact` or `bounded`, as the backend says. */
  async limits(): Promise<string> {
    const { text } = await call('GET', `http://127.0.0.1:${this.backendPort}/health/ready`);
    return /"limits":"(\w+)"/.exec(text)?.[1] ?? 'unknown';
  }

  /** A gateway that cannot work must end with an error that says why. */
  async expectNoStart(node: GatewayNode): Promise<void> {
    const process = await startNode('bin/tallygate.js', ['gateway'], { env: this.#gatewayEnv(node) });
    const { code } = await within(process.exited, 10_000, () => `it should not have started:\n${process.output}`);
    if (code !== 1 || !/journal/i.test(process.output))
      throw new Error(`ended with ${code} and said:\n${process.output}`);
  }

  #gatewayEnv({ port, adminPort, threads, journal }: GatewayNode): Record<string, string> {
    const { outageMs } = this.options;
    return {
      HOST: '127.0.0.1',
      PORT: String(port),
      ADMIN_PORT: String(adminPort),
      UPSTREAM_URL: `http://127.0.0.1:${this.upstream.port}`,
      BACKEND_URL: `http://127.0.0.1:${this.backendLink.port}`,
      SERVICE_ID: 'chaos',
      SERVICE_TOKEN: 'chaos-token',
      REPORTING_THREADS: String(threads),
      REPORTING_MODE: this.options.mode,
      JOURNAL_DIR: journal,
      LOG_LEVEL: 'warn',
      ...(outageMs === null ? {} : { BACKEND_DOWN: 'resilient', STALE_SECONDS: String(300 + outageMs / 1_000) }),
    };
  }

  /** Every fault ended and every process running again. */
  async heal(): Promise<void> {
    this.backendLink.heal();
    await this.redis?.heal();
    if (this.backend === null || !this.backend.running) await this.startBackend();
    if (this.worker === null || !this.worker.running) await this.startWorker();
    for (const node of this.gateways) if (node.process === null || !node.process.running) await this.startGateway(node);
  }

  async stop(): Promise<void> {
    for (const { process } of this.gateways) await process?.kill();
    await this.backend?.kill();
    await this.worker?.kill();
    await this.backendLink.close();
    await this.redis?.close();
    await this.upstream.close();
    for (const mount of this.#mounts) await run('umount', [mount]);
    await rm(this.folder, { recursive: true, force: true });
  }

  async #startStore(): Promise<void> {
    const { store, random } = this.options;
    if (store === 'redis') this.redis = await startSingle(random);
    if (store === 'sentinel') {
      const started = await startSentinel();
      [this.redis, this.sentinel] = [started, started.group];
    }
    if (store === 'cluster') {
      const started = await startClusterStore();
      [this.redis, this.cluster] = [started, started.cluster];
    }
  }

  #storeEnv(): Record<string, string> {
    if (this.redis === null) return { DATA_DIR: join(this.folder, 'store') };
    const { waitReplicas } = this.options;
    return {
      REDIS_URL: this.redis.url,
      ...(waitReplicas === null ? {} : { REDIS_WAIT_REPLICAS: waitReplicas }),
    };
  }

  /** A file system in memory with little room. Needs root, as the rows on full and read-only disks do. */
  async #mount(name: string): Promise<string> {
    const folder = join(this.folder, name);
    await mkdir(folder);
    await run('mount', ['-t', 'tmpfs', '-o', `size=${JOURNAL_SPACE}`, 'tmpfs', folder]);
    this.#mounts.push(folder);
    return folder;
  }

  async #untilReady(port: number, process: TestProcess): Promise<void> {
    await untilTrue(
      async () => {
        if (!process.running) throw new Error(`a process ended at its start:\n${process.output}`);
        return (await call('GET', `http://127.0.0.1:${port}/health/ready`)).status === 200;
      },
      `ready on port ${port}:\n${process.output}`,
      20_000,
    );
  }
}
