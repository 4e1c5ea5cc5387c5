import { call, pause, untilTrue } from '../admin.ts';
import { fakeClock } from '../fake-clock.ts';
import type { Fault } from './fault.ts';
import { ALL_STORES, ANY_REDIS } from './fault.ts';

const JUMPS = ['+2d', '-2d', '+1h', '+0'];

/** Wall clocks that jump. What is dated is dated by the store's clock, so that nothing of it moves. */
export const CLOCK_FAULTS: readonly Fault[] = [
  {
    rows: [50],
    name: "clock: the gateway's jumps",
    killsGateway: false,
    stores: ALL_STORES,
    async run({ world, random }) {
      const clock = await fakeClock(world.folder);
      const node = random.pick(world.gateways);
      await node.process?.stop(25_000);
      await world.startGateway(node, clock.env);
      for (const jump of JUMPS) {
        await clock.shift(jump);
        await pause(random.between(600, 1_200));
      }
      await node.process?.stop(25_000);
      await world.startGateway(node);
    },
  },
  {
    rows: [50],
    name: "clock: the backend's jumps",
    killsGateway: false,
    // The embedded store has no other clock than the backend's.
    stores: ANY_REDIS,
    async run({ world, random }) {
      const clock = await fakeClock(world.folder);
      await world.backend?.stop(25_000);
      await world.startBackend(clock.env);
      for (const jump of JUMPS) {
        await clock.shift(jump);
        await pause(random.between(600, 1_200));
        await saysWhetherItIsOff(world.backendPort, jump);
      }
      await world.backend?.stop(25_000);
      await world.startBackend();
    },
  },
];

/** Not ready while it is off by more than a second, and why. */
async function saysWhetherItIsOff(port: number, jump: string): Promise<void> {
  await untilTrue(
    async () => {
      const { status, text } = await call('GET', `http://127.0.0.1:${port}/health/ready`);
      return jump === '+0' ? status === 200 : status === 503 && text.includes("off the store's");
    },
    `health says how the clock stands after ${jump}`,
    15_000,
  );
}
