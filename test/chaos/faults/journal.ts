import { cp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inspectJournal } from '../../../gateway/journal/inspect.ts';
import { systemClock } from '../../../shared/clock.ts';
import { freePort } from '../../harness/ports.ts';
import { pause, untilTrue } from '../admin.ts';
import { injectSync } from '../inject.ts';
import type { Random } from '../random.ts';
import type { GatewayNode } from '../world.ts';
import type { Fault } from './fault.ts';
import { ALL_STORES } from './fault.ts';
import { crash } from './gateway.ts';

const run = promisify(execFile);

const COPY_ATTEMPTS = 5;

/** Faults of gateways' journals and of the disks that they are on. */
export const JOURNAL_FAULTS: readonly Fault[] = [
  {
    rows: [11],
    name: 'journal: disk full',
    killsGateway: false,
    stores: ALL_STORES,
    async run({ world, random }) {
      const ballast = join(random.pick(world.gateways).journal, 'ballast');
      await fill(ballast);
      await pause(random.between(1_000, 2_000));
      await rm(ballast);
    },
  },
  {
    rows: [12],
    name: 'journal: the disk fails to sync (EIO, then ENOSPC)',
    killsGateway: false,
    stores: ALL_STORES,
    async run({ world, random }) {
      const { process } = random.pick(world.gateways);
      if (process === null) return;
      for (const what of ['error=EIO:when=1', 'error=ENOSPC']) {
        const injection = await injectSync(process.pid, what);
        await pause(random.between(700, 1_500));
        await injection.stop();
      }
      await untilTrue(
        () => Promise.resolve(process.output.includes('journal_sync_failed')),
        'the log tells of it',
        5_000,
      );
    },
  },
  {
    rows: [13],
    name: 'journal: a sync takes 3 s',
    killsGateway: false,
    stores: ALL_STORES,
    async run({ world, random }) {
      const { process } = random.pick(world.gateways);
      if (process === null) return;
      const injection = await injectSync(process.pid, 'delay_enter=3000000');
      await pause(random.between(2_500, 5_000));
      await injection.stop();
    },
  },
  {
    rows: [14],
    name: 'journal: torn tail',
    killsGateway: true,
    stores: ALL_STORES,
    run: async ({ world, random }) =>
      crash(world, random.pick(world.gateways), async (journal) => tear(journal, random)),
  },
  {
    rows: [15],
    name: 'journal: a bit flipped in the middle',
    killsGateway: true,
    stores: ALL_STORES,
    async run({ world, random, destroyed }) {
      world.backendLink.faults.silent = true;
      await pause(random.between(800, 1_500));
      const node = random.pick(world.gateways);
      await crash(world, node, async (journal) => {
        world.backendLink.heal();
        const before = await readableUnits(journal);
        await flipBit(journal, random);
        destroyed(before - (await readableUnits(journal)));
      });
      await untilTrue(
        () => Promise.resolve(/journal_damaged|journal_adopted/.test(node.process?.output ?? '')),
        'the log tells of the damage',
        10_000,
      );
    },
  },
  {
    rows: [16],
    name: 'journal: empty and foreign files among the segments',
    killsGateway: true,
    stores: ALL_STORES,
    run: async ({ world, random }) =>
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
    stores: ALL_STORES,
    async run({ world, random }) {
      const original = random.pick(world.gateways);
      const journal = join(world.folder, `copy-${random.between(0, 999_999)}`);
      await copyJournal(original.journal, journal);
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
    stores: ALL_STORES,
    async run({ world, random }) {
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

/** A journal in use: what its gateway removes in the middle of the copying makes it begin again. */
async function copyJournal(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await cp(from, to, { recursive: true, filter: (source) => !source.endsWith('.lock') });
      return;
    } catch (error) {
      const isGone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!isGone || attempt === COPY_ATTEMPTS) throw error;
      await rm(to, { recursive: true, force: true });
    }
  }
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

/** The youngest segment of each epoch. */
async function youngest(journal: string): Promise<string[]> {
  const files: string[] = [];
  for (const epoch of await epochs(journal)) {
    const names = (await readdir(epoch)).filter((name) => name.startsWith('segment')).toSorted();
    const last = names.at(-1);
    if (last !== undefined) files.push(join(epoch, last));
  }
  return files;
}

/** The bytes of a record's beginning once more at the end of the youngest segments, as a write that a crash cut off leaves them. */
async function tear(journal: string, random: Random): Promise<void> {
  for (const file of await youngest(journal)) {
    const handle = await open(file, 'a+');
    const { size } = await handle.stat();
    const tail = Buffer.alloc(Math.min(size, random.between(1, 12)));
    await handle.read(tail, 0, tail.length, Math.max(0, size - 40));
    await handle.write(tail);
    await handle.close();
  }
}

/** One bit, somewhere in the middle third of the youngest segments. */
async function flipBit(journal: string, random: Random): Promise<void> {
  for (const file of await youngest(journal)) {
    const handle = await open(file, 'r+');
    const { size } = await handle.stat();
    const at = random.between(Math.floor(size / 3), Math.floor((2 * size) / 3));
    const byte = Buffer.alloc(1);
    await handle.read(byte, 0, 1, at);
    byte[0] = (byte[0] ?? 0) ^ (1 << random.between(0, 7));
    await handle.write(byte, 0, 1, at);
    await handle.close();
  }
}

/** What a gateway that adopts the journal can read of it. */
async function readableUnits(journal: string): Promise<number> {
  const { epochs: found } = await inspectJournal(journal, systemClock);
  return found.flatMap(({ segments }) => segments).reduce((sum, { units }) => sum + units, 0);
}
