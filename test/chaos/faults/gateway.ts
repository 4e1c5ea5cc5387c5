import { cp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pause } from './admin.ts';
import type { Fault } from './fault.ts';
import { BOTH } from './fault.ts';
import type { Random } from './random.ts';
import { freePort } from '../harness/ports.ts';
import type { GatewayNode, World } from './world.ts';

const run = promisify(execFile);

/** Faults of gateways, of their journals and of their disks. */
export const GATEWAY_FAULTS: readonly Fault[] = [
  {
    rows: [1],
    name: 'gateway: kill -9',
    killsGateway: true,
    stores: BOTH,
    run: async (world, random) => crash(world, random.pick(world.gateways)),
  },
  {
    rows: [2],
    name: 'gateway: kill -9 between journal and report',
    killsGateway: true,
    stores: BOTH,
    async run(world, random) {
      world.backendLink.faults.silent = true;
      await pause(random.between(800, 1500));
      const node = random.pick(world.gateways);
      await node.process?.kill();
      world.backendLink.heal();
      await world.startGateway(node);
    },
  },
  {
    rows: [3],
    name: 'gateway: kill -9 between apply and its acknowledgement',
    killsGateway: true,
    stores: BOTH,
    async run(world, random) {
      world.backendLink.faults.dropAnswers = 1;
      await pause(random.between(800, 1500));
      const node = random.pick(world.gateways);
      await node.process?.kill();
      world.backendLink.heal();
      await world.startGateway(node);
    },
  },
  {
    rows: [4],
    name: 'gateway: SIGTERM and start',
    killsGateway: false,
    stores: BOTH,
    async run(world, random) {
      const node = random.pick(world.gateways);
      await node.process?.stop(25_000);
      await world.startGateway(node);
    },
  },
  {
    rows: [5],
    name: 'gateway: SIGSTOP and SIGCONT',
    killsGateway: false,
    stores: BOTH,
    async run(world, random) {
      const { process } = random.pick(world.gateways);
      process?.signal('SIGSTOP');
      await pause(random.between(1_000, 6_000));
      process?.signal('SIGCONT');
    },
  },
  {
    rows: [11],
    name: 'journal: disk full',
    killsGateway: false,
    stores: BOTH,
    async run(world, random) {
      const ballast = join(random.pick(world.gateways).journal, 'ballast');
      await fill(ballast);
      await pause(random.between(1_000, 2_000));
      await rm(ballast);
    },
  },
  {
    rows: [14],
    name: 'journal: torn tail',
    killsGateway: true,
    stores: BOTH,
    run: async (world, random) => crash(world, random.pick(world.gateways), async (journal) => tear(journal, random)),
  },
  {
    rows: [16],
    name: 'journal: empty and foreign files among the segments',
    killsGateway: true,
    stores: BOTH,
    run: async (world, random) =>
      crash(world, random.pick(world.gateways), async (journal) => {
        for (const epoch of await epochs(journal)) {
          await writeFile(join(epoch, 'segment-00000000009999999999'), '');
          await writeFile(join(epoch, 'notes.txt'), 'not a segment');
        }
      }),
  },
  {
    rows: [17, 54],
    name: 'journal: copied to a second gateway',
    killsGateway: false,
    stores: BOTH,
    async run(world, random) {
      const original = random.pick(world.gateways);
      const journal = join(world.folder, `copy-${random.between(0, 999_999)}`);
      await cp(original.journal, journal, { recursive: true, filter: (source) => !source.endsWith('.lock') });
      const copy: GatewayNode = {
        ...original,
        name: 'copy',
        port: 0,
        adminPort: await freePort(),
        journal,
        process: null,
      };
      await world.startGateway(copy);
      await pause(random.between(1_000, 2_500));
      await copy.process?.stop(25_000);
    },
  },
  {
    rows: [18],
    name: 'journal: read-only file system at start',
    killsGateway: false,
    stores: BOTH,
    async run(world, random) {
      const node = random.pick(world.gateways);
      await node.process?.stop(25_000);
      await run('mount', ['-o', 'remount,ro', node.journal]);
      try {
        await world.expectNoStart(node);
      } finally {
        await run('mount', ['-o', 'remount,rw', node.journal]);
      }
      await world.startGateway(node);
    },
  },
];

async function crash(world: World, node: GatewayNode, meanwhile?: (journal: string) => Promise<void>): Promise<void> {
  await node.process?.kill();
  await meanwhile?.(node.journal);
  await world.startGateway(node);
}

/** Writes until nothing more fits. */
async function fill(file: string): Promise<void> {
  const handle = await open(file, 'w');
  const block = Buffer.alloc(65_536, 1);
  try {
    for (;;) await handle.write(block);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  } finally {
    await handle.close();
  }
}

async function epochs(journal: string): Promise<string[]> {
  const found = await readdir(journal, { withFileTypes: true });
  return found.filter((entry) => entry.isDirectory()).map(({ name }) => join(journal, name));
}

/** The bytes of a record's beginning once more at the end of the youngest segment, as a write that a crash cut off leaves them. */
async function tear(journal: string, random: Random): Promise<void> {
  for (const epoch of await epochs(journal)) {
    const youngest = (await readdir(epoch))
      .filter((name) => name.startsWith('segment'))
      .toSorted()
      .at(-1);
    if (youngest === undefined) continue;
    const handle = await open(join(epoch, youngest), 'a+');
    const { size } = await handle.stat();
    const tail = Buffer.alloc(Math.min(size, random.between(1, 12)));
    await handle.read(tail, 0, tail.length, Math.max(0, size - 40));
    await handle.write(tail);
    await handle.close();
  }
}
