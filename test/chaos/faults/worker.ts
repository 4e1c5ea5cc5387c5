import { pause } from '../admin.ts';
import { pileUp, untilDrained } from '../backlog.ts';
import { poisonJobs, poisonReports } from '../poison.ts';
import type { Fault } from './fault.ts';
import { ANY_REDIS } from './fault.ts';

/** Faults of the worker and of its queue. */
export const WORKER_FAULTS: readonly Fault[] = [
  {
    rows: [25],
    name: 'worker: kill -9',
    killsGateway: false,
    stores: ANY_REDIS,
    async run({ world, random }) {
      for (let kill = 0; kill < 3; kill++) {
        await world.worker?.kill();
        await world.startWorker();
        await pause(random.between(100, 500));
      }
    },
  },
  {
    rows: [26],
    name: 'worker: SIGSTOP and SIGCONT',
    killsGateway: false,
    stores: ANY_REDIS,
    async run({ world, random }) {
      world.worker?.signal('SIGSTOP');
      await pause(random.between(1_000, 4_000));
      world.worker?.signal('SIGCONT');
    },
  },
  {
    rows: [27],
    name: 'worker: poison jobs, and reports that nobody should send',
    killsGateway: false,
    stores: ANY_REDIS,
    async run({ world }) {
      await poisonReports(world.backendPort);
      await poisonJobs(world);
    },
  },
  {
    rows: [28],
    name: 'worker: away while reports pile up',
    killsGateway: false,
    stores: ANY_REDIS,
    async run({ world, ledger, reported }) {
      await world.worker?.kill();
      await pileUp(world.backendPort, world.options.backlog, reported.userKey, ledger);
      await world.startWorker();
      await untilDrained(world.backendPort, world.options.backlog);
    },
  },
];
