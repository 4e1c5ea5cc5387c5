import { metric, pause } from '../admin.ts';
import type { Fault } from './fault.ts';
import { ALL_STORES } from './fault.ts';
import type { LinkFaults } from '../link.ts';

const GARBAGE = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 64\r\n\r\n${'{"result":"applied",'.repeat(3)}x`;
const BUSY = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

/** Faults of the backend and of the way from the gateways to it. */
export const BACKEND_FAULTS: readonly Fault[] = [
  {
    rows: [19],
    name: 'backend: kill -9',
    killsGateway: false,
    stores: ALL_STORES,
    async run({ world, random }) {
      await world.backend?.kill();
      await pause(random.between(0, 1_500));
      await world.startBackend();
    },
  },
  {
    rows: [22],
    name: 'backend: accepts, never answers (SIGSTOP)',
    killsGateway: false,
    stores: ALL_STORES,
    async run({ world, random }) {
      world.backend?.signal('SIGSTOP');
      await pause(random.between(1_000, 5_000));
      world.backend?.signal('SIGCONT');
    },
  },
  onLink('backend: slow answers', [20], (faults) => void (faults.delayMs = 1_000)),
  onLink('backend: answers dropped after commit', [21], (faults) => void (faults.dropAnswers = 0.3)),
  onLink('backend: 503 storm', [23], (faults) => void (faults.answer = BUSY)),
  onLink('backend: garbage', [24], (faults) => void (faults.answer = GARBAGE)),
  {
    rows: [21],
    name: 'backend: connections reset, again and again',
    killsGateway: false,
    stores: ALL_STORES,
    async run({ world, random }) {
      for (let reset = 0; reset < 20; reset++) {
        world.backendLink.reset();
        await pause(random.between(20, 200));
      }
    },
  },
  {
    rows: [21],
    name: 'backend: batches delivered three times, out of order',
    killsGateway: false,
    stores: ALL_STORES,
    async run({ world, random }) {
      const repeats = async (): Promise<number> =>
        (await metric(world.backendPort, 'tallygate_backend_batches_total', 'result="repeat"')) ?? 0;
      const before = await repeats();
      world.backendLink.faults.repeat = { pattern: /^POST \/v1\/batches/, times: 3 };
      await pause(random.between(3_000, 5_000));
      world.backendLink.heal();
      if ((await repeats()) <= before) throw new Error('no batch arrived a second time');
    },
  },
  partition('backend: connections refused', (faults) => void (faults.cut = true)),
  partition('backend: partition, nothing passes', (faults) => void (faults.silent = true)),
];

function onLink(name: string, rows: readonly number[], breakIt: (faults: LinkFaults) => void): Fault {
  return {
    rows,
    name,
    killsGateway: false,
    stores: ALL_STORES,
    async run({ world, random }) {
      breakIt(world.backendLink.faults);
      await pause(random.between(1_000, 4_000));
      world.backendLink.heal();
    },
  };
}

/** As long as `--outage` says, else for some seconds. */
function partition(name: string, breakIt: (faults: LinkFaults) => void): Fault {
  return {
    rows: [46],
    name,
    killsGateway: false,
    stores: ALL_STORES,
    async run({ world, random }) {
      breakIt(world.backendLink.faults);
      world.backendLink.reset();
      await pause(world.options.outageMs ?? random.between(1_000, 4_000));
      world.backendLink.heal();
    },
  };
}
