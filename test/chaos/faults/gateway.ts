import { pause } from '../admin.ts';
import type { LinkFaults } from '../link.ts';
import type { GatewayNode, World } from '../world.ts';
import type { Fault } from './fault.ts';
import { ALL_STORES } from './fault.ts';

/** Faults of gateways. */
export const GATEWAY_FAULTS: readonly Fault[] = [
  {
    rows: [1],
    name: 'gateway: kill -9',
    killsGateway: true,
    stores: ALL_STORES,
    run: async ({ world, random }) => crash(world, random.pick(world.gateways)),
  },
  crashBehind(2, 'gateway: kill -9 between journal and report', (faults) => void (faults.silent = true)),
  crashBehind(3, 'gateway: kill -9 between apply and its acknowledgement', (faults) => void (faults.dropAnswers = 1)),
  {
    rows: [4],
    name: 'gateway: SIGTERM and start',
    killsGateway: false,
    stores: ALL_STORES,
    async run({ world, random }) {
      const node = random.pick(world.gateways);
      await node.process?.stop(25_000);
      await world.startGateway(node);
    },
  },
  {
    rows: [5],
    name: 'gateway: SIGSTOP and SIGCONT',
    killsGateway: false,
    stores: ALL_STORES,
    async run({ world, random }) {
      const { process } = random.pick(world.gateways);
      process?.signal('SIGSTOP');
      await pause(random.between(1_000, 6_000));
      process?.signal('SIGCONT');
    },
  },
];

/** A crash while the way to the backend is broken. */
function crashBehind(row: number, name: string, breakIt: (faults: LinkFaults) => void): Fault {
  return {
    rows: [row],
    name,
    killsGateway: true,
    stores: ALL_STORES,
    async run({ world, random }) {
      breakIt(world.backendLink.faults);
      await pause(random.between(800, 1_500));
      await crash(world, random.pick(world.gateways), () => Promise.resolve(world.backendLink.heal()));
    },
  };
}

/** kill -9 of a gateway, and its start on the same journal; `meanwhile` nothing has it. */
export async function crash(
  world: World,
  node: GatewayNode,
  meanwhile?: (journal: string) => Promise<void>,
): Promise<void> {
  await node.process?.kill();
  await meanwhile?.(node.journal);
  await world.startGateway(node);
}
