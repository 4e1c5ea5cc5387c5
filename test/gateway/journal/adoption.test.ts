import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Adoption, type AdoptedSource } from '../../../gateway/journal/adoption.ts';
import { realDisk, type Disk } from '../../../gateway/journal/disk.ts';
import { foldSegment, type Fold } from '../../../gateway/journal/fold.ts';
import { sendingPath } from '../../../gateway/journal/layout.ts';
import type { LeaseLevel } from '../../../gateway/journal/leftovers.ts';
import { takeLock } from '../../../gateway/journal/lock.ts';
import type { SealedSegment } from '../../../gateway/journal/segment.ts';
import { segmentPath } from '../../../gateway/journal/segment.ts';
import { systemClock } from '../../../shared/clock.ts';
import { createLogger } from '../../../shared/log.ts';
import { temporaryFolder } from '../../harness/folder.ts';
import { until } from '../../harness/latch.ts';
import { startNode } from '../../harness/process.ts';
import { segmentFiles, testJournal } from './support.ts';

interface Adopted {
  readonly adoption: Adoption;
  readonly segments: SealedSegment[];
  readonly folds: () => Fold[];
  readonly leases: LeaseLevel[];
  source: AdoptedSource | null;
  closed: ((number: number) => void) | null;
}

/** An adopter with the epoch `own`. */
function adopter(directory: string, own = 'f'.repeat(32), safe = true, copies = false, disk = realDisk): Adopted {
  const segments: SealedSegment[] = [];
  const leases: LeaseLevel[] = [];
  const folds = (): Fold[] =>
    segments.map((segment) => foldSegment(readFileSync(segmentPath(segment, 'sealed')).subarray(0, segment.bytes)));
  const adoption = new Adoption(directory, own, {
    clock: systemClock,
    log: createLogger('test', 'silent'),
    disk,
    adopted: (found, source) => {
      segments.push(...found);
      adopted.source = source;
    },
    closeLeases: (_epoch, found, closed) => {
      leases.push(...found);
      adopted.closed = closed;
    },
    recognisesRepeats: () => safe,
    takeCopies: copies,
    occupied: () => undefined,
  });
  const adopted: Adopted = { adoption, segments, folds, leases, source: null, closed: null };
  return adopted;
}

async function deadHolder(directory: string): Promise<string> {
  const child = await startNode('dist/test/gateway/journal/holder-child.js', [directory]);
  const [, epoch = ''] = await child.line(/^epoch (\w+)$/);
  await child.kill();
  return epoch;
}

function units(folds: readonly Fold[], list: 'usage' | 'uncertain'): number {
  return folds.flatMap((fold) => fold[list]).reduce((sum, { use }) => sum + use, 0);
}

test('what a killed process left is taken over: usage, what it held, what is uncertain, and its leases', async () => {
  const directory = await temporaryFolder();
  const epoch = await deadHolder(directory);
  const adopted = adopter(directory);
  await adopted.adoption.look();
  expect(adopted.segments.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  expect(adopted.segments.every((segment) => segment.epoch === epoch)).toBe(true);
  expect(units(adopted.folds(), 'usage')).toBe(1 + 10 + 100 + 5 + 3);
  expect(units(adopted.folds(), 'uncertain')).toBe(1000);
  expect(adopted.leases).toMatchObject([{ number: 7, service: '42', application: 'app', metric: 'hits', used: 5 }]);
  expect(readdirSync(directory)).toEqual([`${epoch}.ffffffff`]);
  for (const { sequence } of adopted.segments) adopted.source?.release(sequence);
  await until(() => segmentFiles(join(directory, `${epoch}.ffffffff`)).join() === 'closed', 'segments go');
  adopted.closed?.(7);
  await until(() => readdirSync(directory).length === 0, 'the folder goes');
});

test('a second adopter, after the first died in the middle, finds the same and nothing twice', async () => {
  const directory = await temporaryFolder();
  const epoch = await deadHolder(directory);
  await adopter(directory).adoption.look();
  const second = adopter(directory, 'e'.repeat(32));
  await second.adoption.look();
  expect(units(second.folds(), 'usage')).toBe(119);
  expect(units(second.folds(), 'uncertain')).toBe(1000);
  expect(second.leases).toMatchObject([{ number: 7, used: 5 }]);
  expect(readdirSync(directory)).toEqual([`${epoch}.eeeeeeee`]);
});

/** A disk that takes no whole files while `state.full`. */
function fillable(state: { full: boolean }): Disk {
  return {
    ...realDisk,
    async writeDurably(path, content) {
      if (state.full) throw new Error('no space is left');
      await realDisk.writeDurably(path, content);
    },
  };
}

test('what a full disk kept from being taken over is taken over when there is room again', async () => {
  const directory = await temporaryFolder();
  await deadHolder(directory);
  const state = { full: true };
  const adopted = adopter(directory, 'f'.repeat(32), true, false, fillable(state));
  await adopted.adoption.look();
  expect(adopted.segments).toEqual([]);
  state.full = false;
  await adopted.adoption.look();
  expect(units(adopted.folds(), 'usage')).toBe(119);
  expect(adopted.leases).toMatchObject([{ number: 7, used: 5 }]);
});

test('a disk too full to note that the leases are closed leaves them to the next adopter', async () => {
  const directory = await temporaryFolder();
  await deadHolder(directory);
  const state = { full: false };
  const adopted = adopter(directory, 'f'.repeat(32), true, false, fillable(state));
  await adopted.adoption.look();
  for (const { sequence } of adopted.segments) adopted.source?.release(sequence);
  state.full = true;
  adopted.closed?.(7);
  await until(() => readdirSync(directory).length === 0, 'the folder goes');
  expect(adopted.leases).toHaveLength(1);
});

test('of two adopters at the same time one takes it', async () => {
  const directory = await temporaryFolder();
  await deadHolder(directory);
  const both = [adopter(directory), adopter(directory, 'e'.repeat(32))];
  await Promise.all(both.map(({ adoption }) => adoption.look()));
  expect(both.map(({ segments }) => segments.length).toSorted((a, b) => a - b)).toEqual([0, 3]);
});

test('the journal of a process that is only stopped is left alone', async () => {
  const directory = await temporaryFolder();
  const child = await startNode('dist/test/gateway/journal/holder-child.js', [directory]);
  await child.line(/^epoch/);
  child.signal('SIGSTOP');
  const adopted = adopter(directory);
  await adopted.adoption.look();
  await adopted.adoption.look();
  expect(adopted.segments).toEqual([]);
  child.signal('SIGCONT');
  await child.kill();
  await adopted.adoption.look();
  expect(adopted.segments).toHaveLength(3);
});

test('the journal of a dead process for which another still sends is left alone', async () => {
  const directory = await temporaryFolder();
  const epoch = await deadHolder(directory);
  const sender = await takeLock(sendingPath(directory, epoch));
  const adopted = adopter(directory);
  await adopted.adoption.look();
  expect(adopted.segments).toEqual([]);
  await new Promise((resolve) => sender.close(resolve));
  await adopted.adoption.lookAgain();
  expect(adopted.segments).toHaveLength(3);
});

test('a torn tail is cut off at any byte', async () => {
  const directory = await temporaryFolder();
  const epoch = await deadHolder(directory);
  const open = join(directory, epoch, '0000000002.open');
  const bytes = readFileSync(open);
  for (let length = bytes.length; length >= 0; length--) {
    const copy = await temporaryFolder();
    const folder = join(copy, epoch);
    cpSync(join(directory, epoch), folder, { recursive: true });
    const owner = { ...readOwner(folder), inode: statSync(folder).ino };
    writeFileSync(join(folder, 'owner'), JSON.stringify(owner));
    truncateSync(join(folder, '0000000002.open'), length);
    const adopted = adopter(copy);
    await adopted.adoption.look();
    const whole = length === bytes.length;
    // Without the second write the hold of 10 is open still, and nobody was told of the one of 1,000.
    expect(units(adopted.folds(), 'usage')).toBe(whole ? 119 : 1111);
    expect(units(adopted.folds(), 'uncertain')).toBe(whole ? 1000 : 0);
    expect(adopted.folds().every(({ damage }) => damage.tailBytes === 0)).toBe(true);
  }
});

function readOwner(folder: string): object {
  const owner: unknown = JSON.parse(readFileSync(join(folder, 'owner'), 'utf8'));
  if (typeof owner !== 'object' || owner === null) throw new Error('no owner');
  return owner;
}

test('a copied folder gives its sealed segments where repeats are recognised, and nothing of it is changed', async () => {
  const directory = await temporaryFolder();
  const epoch = await deadHolder(directory);
  const copy = await temporaryFolder();
  cpSync(join(directory, epoch), join(copy, epoch), { recursive: true });
  const careful = adopter(copy, 'f'.repeat(32), false);
  await careful.adoption.look();
  expect(careful.segments).toEqual([]);
  const adopted = adopter(copy);
  await adopted.adoption.look();
  expect(adopted.segments).toMatchObject([{ epoch, sequence: 1 }]);
  adopted.source?.release(1);
  expect(readdirSync(join(copy, epoch)).toSorted()).toEqual(['0000000001.sealed', '0000000002.open', 'owner']);
});

test("a copied folder is taken over whole by an operator's word", async () => {
  const directory = await temporaryFolder();
  const epoch = await deadHolder(directory);
  const copy = await temporaryFolder();
  cpSync(join(directory, epoch), join(copy, epoch), { recursive: true });
  const adopted = adopter(copy, 'f'.repeat(32), true, true);
  await adopted.adoption.look();
  expect(units(adopted.folds(), 'usage')).toBe(119);
});

test('missing, empty, doubled and foreign files are no obstacle', async () => {
  const directory = await temporaryFolder();
  const epoch = await deadHolder(directory);
  const folder = join(directory, epoch);
  renameSync(join(folder, '0000000001.sealed'), join(folder, '0000000003.sealed'));
  writeFileSync(join(folder, '0000000005.sealed'), '');
  writeFileSync(join(folder, '9999999999.open'), '');
  writeFileSync(join(folder, '0000000003.open'), 'x');
  writeFileSync(join(folder, '0000000002.open.new'), 'left over');
  writeFileSync(join(folder, 'notes.txt'), 'of an operator');
  const adopted = adopter(directory);
  await adopted.adoption.look();
  // The one that was renamed says in its header who it is: its delivery will set it aside.
  expect(adopted.segments.map(({ sequence }) => sequence)).toContain(2);
  for (const { sequence } of adopted.segments) adopted.source?.release(sequence);
  adopted.closed?.(7);
  await until(() => !existsSync(join(directory, `${epoch}.ffffffff`, 'owner')), 'what is ours goes');
  expect(readdirSync(join(directory, `${epoch}.ffffffff`))).toContain('notes.txt');
});

test('holds and levels survive the deletion of the segments that said them first', async () => {
  const { journal, clock } = await testJournal({ sealMs: 100 });
  const owner = journal.owner({ service: 's', kind: 'application', id: 'a' });
  const hits = journal.metric('hits');
  journal.hold(owner, hits, clock.now(), 5);
  journal.openLease({ number: 3, owner, metric: hits, rev: 1 });
  for (let second = 0; second < 90; second++) {
    journal.use(owner, hits, clock.now(), 1, 0, 3);
    journal.commit();
    await clock.advance(1000);
    journal.delivered(journal.sequence - 1);
    journal.release(journal.sequence - 1);
  }
  await until(() => segmentFiles(journal.folder).length < 40, 'released segments go');
  const copy = await temporaryFolder();
  const folder = join(copy, journal.epoch);
  cpSync(journal.folder, folder, { recursive: true });
  writeFileSync(join(folder, 'owner'), JSON.stringify({ ...readOwner(folder), inode: statSync(folder).ino }));
  const adopted = adopter(copy);
  await adopted.adoption.look();
  expect(adopted.leases).toMatchObject([{ number: 3, used: 90 }]);
  expect(units(adopted.folds(), 'usage')).toBeGreaterThanOrEqual(5);
});
