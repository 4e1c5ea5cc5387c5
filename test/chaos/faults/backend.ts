import { pause } from './admin.ts';
import type { Fault } from './fault.ts';
import { BOTH, REDIS } from './fault.ts';
import type { LinkFaults } from './link.ts';

const GARBAGE = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 64\r\n\r\n${'{"result":"applied",'.repeat(3)}x`;
const BUSY = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

/** Faults of the backend, of its worker, and of the way from the gateways to it. */
export const BACKEND_FAULTS: readonly Fault[] = [
  {
    rows: [19],
    name: 'backend: kill -9',
    killsGateway: false,
    stores: BOTH,
    async run(world, random) {
      await world.backend?.kill();
      await pause(random.between(0, 1_500));
      await world.startBackend();
    },
  },
  {
    rows: [22],
    name: 'backend: accepts, never answers (SIGSTOP)',
    killsGateway: false,
    stores: BOTH,
    async run(world, random) {
      world.backend?.signal('SIGSTOP');
      await pause(random.between(1_000, 5_000));
      world.backend?.signal('SIGCONT');
    },
  },
  onLink('backend: slow answers', [20], (faults) => void (faults.delayMs = 1_000)),
  onLink('backend: answers dropped after commit', [21], (faults) => void (faults.dropAnswers = 0.3)),
  onLink('backend: 503 storm', [23], (faults) => void (faults.answer = BUSY)),
  onLink('backend: garbage', [24], (faults) => void (faults.answer = GARBAGE)),
  onLink('backend: connections refused', [46], (faults) => void (faults.cut = true)),
  onLink('backend: partition, nothing passes', [46], (faults) => void (faults.silent = true)),
  onLink('backend: batches delivered three times, out of order', [21], (faults) => {
    faults.repeat = { pattern: /^POST \/v1\/batches/, times: 3 };
  }),
  {
    rows: [25],
    name: 'worker: kill -9',
    killsGateway: false,
    stores: REDIS,
    async run(world, random) {
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
    stores: REDIS,
    async run(world, random) {
      world.worker?.signal('SIGSTOP');
      await pause(random.between(1_000, 4_000));
      world.worker?.signal('SIGCONT');
    },
  },
];

function onLink(name: string, rows: readonly number[], breakIt: (faults: LinkFaults) => void): Fault {
  return {
    rows,
    name,
    killsGateway: false,
    stores: BOTH,
    async run(world, random) {
      breakIt(world.backendLink.faults);
      await pause(random.between(1_000, 4_000));
      world.backendLink.heal();
    },
  };
}
