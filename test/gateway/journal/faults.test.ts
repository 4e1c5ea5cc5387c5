import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Fold } from '../../../gateway/journal/fold.ts';
import { openJournal } from '../../../gateway/journal/journal.ts';
import { realFileSystem, type FileSystem } from '../../../gateway/journal/segment-file.ts';
import { systemClock } from '../../../shared/clock.ts';
import { createLogger } from '../../../shared/log.ts';
import { packageRoot } from '../../../shared/package-root.ts';
import { MONDAY } from '../../harness/clock.ts';
import { temporaryFolder } from '../../harness/folder.ts';
import { until } from '../../harness/latch.ts';
import { startNode, startProcess } from '../../harness/process.ts';
import { foldFile, segmentFiles, testJournal, type TestJournal } from './support.ts';

const OWNER = { service: 's', kind: 'application', id: 'a' } as const;

/** A disk that can be told to fail. */
class FailingDisk implements FileSystem {
  /** Bytes of the next write that get through; null: all. */
  short: number | null = null;
  full = false;
  cannotTruncate = false;
  syncError: Error | null = null;
  syncs = 0;

  open = realFileSystem.open;
  read = realFileSystem.read;
  rename = realFileSystem.rename;
  remove = realFileSystem.remove;
  close = realFileSystem.close;

  write = (fd: number, bytes: Buffer, length: number, position: number): number => {
    if (this.full) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    return realFileSystem.write(fd, bytes, this.short ?? length, position);
  };

  truncate = (fd: number, length: number): void => {
    if (this.cannotTruncate) throw new Error('EIO');
    realFileSystem.truncate(fd, length);
  };

  sync = (_fd: number, done: (error: Error | null) => void): void => {
    this.syncs += 1;
    const error = this.syncError;
    systemClock.after(0, () => done(error));
  };
}

function use({ journal }: TestJournal, amount: number): boolean {
  journal.use(journal.owner(OWNER), journal.metric('hits'), MONDAY, amount, amount, 0);
  return journal.commit();
}

function unitsIn({ journal }: TestJournal): number {
  const folds = segmentFiles(journal.folder).map((name) => foldFile(journal.folder, name));
  return folds.flatMap(({ usage }) => usage).reduce((units, { use: amount }) => units + amount, 0);
}

test.each([0, 1, 12, 50])(
  'a write of which %i bytes get through is undone, refused, and spoils nothing',
  async (short) => {
    const disk = new FailingDisk();
    const test_ = await testJournal({}, disk);
    expect(use(test_, 1)).toBe(true);
    disk.short = short;
    expect(use(test_, 10)).toBe(false);
    expect(test_.journal.writable).toBe(false);
    disk.short = null;
    await test_.clock.advance(50);
    expect(test_.journal.writable).toBe(true);
    expect(use(test_, 100)).toBe(true);
    expect(unitsIn(test_)).toBe(101);
    expect(foldFile(test_.journal.folder, '0000000001.open').damage).toMatchObject({
      skipped: 0,
      tailBytes: 0,
      nameless: 0,
    });
  },
);

test('a disk that cannot even cut back refuses until it can', async () => {
  const disk = new FailingDisk();
  const test_ = await testJournal({}, disk);
  use(test_, 1);
  disk.short = 20;
  disk.cannotTruncate = true;
  expect(use(test_, 10)).toBe(false);
  disk.short = null;
  expect(use(test_, 10)).toBe(false);
  disk.cannotTruncate = false;
  expect(use(test_, 100)).toBe(true);
  expect(unitsIn(test_)).toBe(101);
});

test('what is known only after the answer outlives a failed write', async () => {
  const disk = new FailingDisk();
  const test_ = await testJournal({}, disk);
  const { journal } = test_;
  const owner = journal.owner(OWNER);
  disk.full = true;
  journal.settle(owner, journal.metric('hits'), MONDAY, 7, 7, 0);
  journal.code(owner, MONDAY, 200);
  expect(use(test_, 1)).toBe(false);
  disk.full = false;
  await test_.clock.advance(50);
  expect(unitsIn(test_)).toBe(7);
  expect(foldFile(journal.folder, '0000000001.open').codes).toMatchObject([{ status: 200, count: 1 }]);
});

test('JOURNAL_FULL=serve serves on and counts what is lost', async () => {
  const disk = new FailingDisk();
  const test_ = await testJournal({ full: 'serve' }, disk);
  disk.full = true;
  expect(use(test_, 5)).toBe(true);
  expect(test_.journal.lost).toBe(5);
  disk.full = false;
  await test_.clock.advance(50);
  expect(use(test_, 1)).toBe(true);
  expect(unitsIn(test_)).toBe(1);
});

test('JOURNAL_MAX_BYTES refuses, and delivery makes room again', async () => {
  const test_ = await testJournal({ maxBytes: 400 });
  let admitted = 0;
  while (test_.journal.writable) {
    expect(use(test_, 1)).toBe(true);
    admitted += 1;
  }
  expect(use(test_, 1)).toBe(false);
  expect(unitsIn(test_)).toBe(admitted);
  test_.journal.sealNow();
  test_.journal.delivered(1);
  test_.journal.release(1);
  expect(test_.journal.writable).toBe(true);
  expect(use(test_, 1)).toBe(true);
});

test('a sync that fails has the segment written once more, under the same sequence', async () => {
  const disk = new FailingDisk();
  const test_ = await testJournal({ fsyncMs: 100 }, disk);
  disk.syncError = new Error('EIO');
  use(test_, 1);
  await test_.clock.advance(100);
  await until(() => disk.syncs === 1, 'the sync ends');
  disk.syncError = null;
  use(test_, 10);
  expect(unitsIn(test_)).toBe(11);
  expect(segmentFiles(test_.journal.folder)).toEqual(['0000000001.open']);
  expect(test_.journal.writable).toBe(true);
});

test('a disk that refuses every sync is not trusted until one succeeds', async () => {
  const disk = new FailingDisk();
  const test_ = await testJournal({ fsyncMs: 100 }, disk);
  disk.syncError = new Error('EIO');
  use(test_, 1);
  for (let syncs = 1; syncs <= 3; syncs++) {
    await test_.clock.advance(100);
    await until(() => disk.syncs === syncs, 'the sync ends');
    await new Promise<void>((resolve) => void systemClock.after(1, resolve));
  }
  expect(test_.journal.writable).toBe(false);
  disk.syncError = null;
  await test_.clock.advance(100);
  await until(() => test_.journal.writable, 'a sync succeeds');
});

test('a folder that cannot be written says so at the start, with the remedy', async () => {
  const folder = await temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  const settings = { maxBytes: 1, full: 'refuse', fsyncMs: 0, sealMs: 1000 } as const;
  const deps = { clock: systemClock, log: createLogger('test', 'silent'), sealed: () => undefined };
  await expect(openJournal({ ...settings, directory: join(folder, 'file') }, deps)).rejects.toThrow('JOURNAL_DIR');
  const long = join(folder, 'x'.repeat(100));
  await expect(openJournal({ ...settings, directory: long }, deps)).rejects.toThrow(/JOURNAL_DIR.*shorter/);
});

/** What the child had written when it ended, and how many writes had failed: its last word. */
function readLedger(file: string): { units: number; refused: number } {
  const [units = '0', refused = '0'] = readFileSync(file, 'latin1').split(' ');
  return { units: Number(units), refused: Number(refused) };
}

function unitsOf(folds: readonly Fold[]): number {
  return folds.flatMap(({ usage }) => usage).reduce((sum, { use: amount }) => sum + amount, 0);
}

test('a disk that is full in the middle of a write refuses whole ticks', async () => {
  const folder = await temporaryFolder();
  const ledger = join(folder, 'ledger');
  // The kernel cuts a write short at the largest file size, as it does on a full disk.
  const script = `trap '' XFSZ; ulimit -f 64; exec "$0" "$@"`;
  const program = join(packageRoot, 'dist/test/gateway/journal/writer-child.js');
  const args = [process.execPath, program, folder, ledger, '3600000'];
  const child = await startProcess('bash', ['-c', script, ...args]);
  const [, epoch = ''] = await child.line(/^epoch (\w+)$/);
  await until(() => readLedger(ledger).refused > 50, 'writes fail');
  await child.kill();
  const fold = foldFile(join(folder, epoch), '0000000001.open');
  expect(unitsOf([fold])).toBe(readLedger(ledger).units);
  // The kill may come between a probe of the disk and its removal: a tail that counts nothing.
  expect(fold.damage).toMatchObject({ skipped: 0, nameless: 0 });
});

test('without a file descriptor left the next segment can be opened, again and again', async () => {
  const folder = await temporaryFolder();
  const ledger = join(folder, 'ledger');
  const program = join(packageRoot, 'dist/test/gateway/journal/writer-child.js');
  const args = [process.execPath, program, folder, ledger, '60', 'greedy'];
  const child = await startProcess('bash', ['-c', 'ulimit -n 64; exec "$0" "$@"', ...args]);
  const [, epoch = ''] = await child.line(/^epoch (\w+)$/);
  await until(() => segmentFiles(join(folder, epoch)).length > 6, 'segments follow each other');
  await child.kill();
  const files = segmentFiles(join(folder, epoch));
  expect(readLedger(ledger).refused).toBe(0);
  const more = unitsOf(files.map((name) => foldFile(join(folder, epoch), name))) - readLedger(ledger).units;
  expect(more).toBeGreaterThanOrEqual(0);
  expect(more).toBeLessThanOrEqual(7);
});

test('a process killed at any moment leaves all that it was told was written, and at most one write more', async () => {
  for (let round = 0; round < 8; round++) {
    const folder = await temporaryFolder();
    const ledger = join(folder, 'ledger');
    const child = await startNode('dist/test/gateway/journal/writer-child.js', [folder, ledger, '60']);
    const [, epoch = ''] = await child.line(/^epoch (\w+)$/);
    await until(() => readLedger(ledger).units > 40 ** (round % 4), 'it writes');
    await child.kill();
    const files = segmentFiles(join(folder, epoch));
    const folds = files.map((name) => foldFile(join(folder, epoch), name));
    const more = unitsOf(folds) - readLedger(ledger).units;
    expect(more).toBeGreaterThanOrEqual(0);
    expect(more).toBeLessThanOrEqual(7);
    expect(folds.every(({ damage }) => damage.skipped === 0 && damage.nameless === 0)).toBe(true);
  }
});

/** Different entries that one side of the journal's buffer holds. */
const BUFFERED = 1 << 18;

test('a tick with more different usage than is buffered is refused as a whole, and the next one is not', async () => {
  const { journal } = await testJournal();
  const owner = journal.owner(OWNER);
  const hits = journal.metric('hits');
  for (let lease = 0; lease <= BUFFERED; lease++) journal.use(owner, hits, MONDAY, 1, 0, lease);
  expect(journal.commit()).toBe(false);
  expect(journal.lost).toBe(0);
  journal.use(owner, hits, MONDAY, 3, 0, 1);
  expect(journal.commit()).toBe(true);
  expect(journal.journalledUnits).toBe(3);
  expect(foldFile(journal.folder, '0000000001.open').usage).toMatchObject([{ use: 3 }]);
});

test('late usage that is not buffered any more is counted as lost, and refuses no tick', async () => {
  const { journal } = await testJournal();
  const owner = journal.owner(OWNER);
  const hits = journal.metric('hits');
  for (let lease = 0; lease < BUFFERED; lease++) journal.settle(owner, hits, MONDAY, 1, 0, lease);
  journal.settle(owner, hits, MONDAY, 5, 0, BUFFERED);
  expect(journal.lost).toBe(5);
  journal.use(owner, hits, MONDAY, 3, 0, 1);
  expect(journal.commit()).toBe(true);
  expect(journal.journalledUnits).toBe(BUFFERED + 3);
});
