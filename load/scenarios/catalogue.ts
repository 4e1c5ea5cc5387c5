import type { Report } from '../report.ts';
import type { ScenarioOptions } from '../stage.ts';
import { api7 } from './api7.ts';
import { authorizationCost } from './authorization.ts';
import { backendGrowth } from './backend/growth.ts';
import { counterMemory } from './backend/memory.ts';
import { reportSpeed } from './backend/reports.ts';
import { backendCost } from './backend/scenario.ts';
import { bodies } from './bodies.ts';
import { ci } from './ci.ts';
import { countingCost } from './counting.ts';
import { gatewayCost } from './gateway.ts';
import { addedLatency } from './latency.ts';
import { idleMemory } from './memory.ts';
import { recovery } from './recovery.ts';
import { soak } from './soak.ts';
import { uniformity } from './uniformity.ts';
import { workersCost } from './workers.ts';

export interface Length {
  readonly rounds: number;
  readonly seconds: number;
}

export interface Scenario {
  readonly name: string;
  readonly help: string;
  readonly usual: Length;
  /** For a look at it: fewer and shorter rounds. */
  readonly quick: Length;
  /** Needs nginx, HAProxy and wrk. */
  readonly peers: boolean;
  /** Belongs to the tables that `all` makes. */
  readonly published: boolean;
  readonly run: (options: ScenarioOptions) => Promise<Report>;
}

const published = { peers: true, published: true } as const;

/** In the order in which `all` runs them. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'gateway',
    help: 'CPU time per request beside nginx plain, nginx + Lua, HAProxy, node:http + undici',
    usual: { rounds: 7, seconds: 4 },
    quick: { rounds: 3, seconds: 2 },
    run: gatewayCost,
    ...published,
  },
  {
    name: 'authorization',
    help: 'throughput with authorization, limit and metering beside that of the bare engine',
    usual: { rounds: 9, seconds: 4 },
    quick: { rounds: 3, seconds: 2 },
    run: authorizationCost,
    ...published,
  },
  {
    name: 'counting',
    help: 'CPU time per request that leases and journal cost, beside the same gateway without them',
    usual: { rounds: 9, seconds: 4 },
    quick: { rounds: 3, seconds: 2 },
    run: countingCost,
    peers: true,
    published: false,
  },
  {
    name: 'recovery',
    help: 'a journal of a million records, left by a killed gateway, is adopted and delivered',
    usual: { rounds: 1, seconds: 1 },
    quick: { rounds: 1, seconds: 1 },
    run: recovery,
    peers: false,
    published: false,
  },
  {
    name: 'uniformity',
    help: 'one and many services, applications, mapping rules',
    usual: { rounds: 9, seconds: 4 },
    quick: { rounds: 3, seconds: 2 },
    run: uniformity,
    ...published,
  },
  {
    name: 'api7',
    help: "API7's eight rows beside nginx + Lua, and answers without an upstream",
    usual: { rounds: 3, seconds: 2 },
    quick: { rounds: 1, seconds: 1 },
    run: api7,
    ...published,
  },
  {
    name: 'latency',
    help: 'latency added over the upstream alone, open loop, at 20 % and 60 % of the maximum',
    usual: { rounds: 9, seconds: 3 },
    quick: { rounds: 9, seconds: 1 },
    run: addedLatency,
    ...published,
  },
  {
    name: 'bodies',
    help: 'throughput of responses of 1 MB beside nginx',
    usual: { rounds: 7, seconds: 3 },
    quick: { rounds: 3, seconds: 2 },
    run: bodies,
    ...published,
  },
  {
    name: 'memory',
    help: 'resident memory with 10, 1,000 and 10,000 idle connections',
    usual: { rounds: 1, seconds: 3 },
    quick: { rounds: 1, seconds: 3 },
    run: idleMemory,
    ...published,
  },
  {
    name: 'workers',
    help: 'CPU time per request with two workers beside one',
    usual: { rounds: 7, seconds: 4 },
    quick: { rounds: 3, seconds: 2 },
    run: workersCost,
    ...published,
  },
  {
    name: 'soak',
    help: 'memory under mixed load with aborts; a round is a part after which memory is looked at',
    usual: { rounds: 10, seconds: 60 },
    quick: { rounds: 3, seconds: 10 },
    run: soak,
    ...published,
  },
  {
    name: 'backend',
    help: 'an authrep on Redis: CPU time beside a fastify route that returns a constant, latency at 60 %',
    usual: { rounds: 7, seconds: 4 },
    quick: { rounds: 3, seconds: 2 },
    run: backendCost,
    ...published,
  },
  {
    name: 'reports',
    help: 'queued reports of 500 entries, applied by one worker',
    usual: { rounds: 7, seconds: 1 },
    quick: { rounds: 3, seconds: 1 },
    run: reportSpeed,
    peers: false,
    published: true,
  },
  {
    name: 'growth',
    help: 'an authrep with 10, 10,000 and 1,000,000 applications',
    usual: { rounds: 5, seconds: 3 },
    quick: { rounds: 2, seconds: 2 },
    run: backendGrowth,
    ...published,
  },
  {
    name: 'counters',
    help: 'Redis memory of the counters of one application',
    usual: { rounds: 1, seconds: 1 },
    quick: { rounds: 1, seconds: 1 },
    run: counterMemory,
    peers: false,
    published: true,
  },
  {
    name: 'ci',
    help: 'CPU time per request beside node:http + undici, without other peers, in 20 seconds',
    usual: { rounds: 4, seconds: 1.5 },
    quick: { rounds: 2, seconds: 1 },
    run: ci,
    peers: false,
    published: false,
  },
];
