import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldGently, foldSegment } from '../../../gateway/journal/fold.ts';
import { MONDAY } from '../../harness/clock.ts';
import { foldFile, segmentFiles, testJournal, totals } from './support.ts';

const OWNERS = [
  { service: 's', kind: 'application', id: 'a' },
  { service: 's', kind: 'user_key', id: 'a' },
  { service: 's,user_key', kind: 'user_key', id: '' },
  { service: 'ä', kind: 'app_id', id: '\u{1f511}' },
] as const;
const METRICS = ['hits', 'hits.sub', 'µ'];

test('what a tick used is in the file, folded into one entry, and in no file before the commit', async () => {
  const { journal } = await testJournal();
  const owner = journal.owner(OWNERS[0]);
  const hits = journal.metric('hits');
  for (let index = 0; index < 1000; index++) journal.use(owner, hits, MONDAY + index, 2, 1, 0);
  expect(segmentFiles(journal.folder)).toEqual([]);
  expect(journal.commit()).toBe(true);
  const fold = foldFile(journal.folder, '0000000001.open');
  expect(fold.header).toMatchObject({ epoch: journal.epoch, sequence: 1 });
  expect(fold.usage).toEqual([{ owner: OWNERS[0], metric: 'hits', minute: MONDAY, use: 2000, take: 1000 }]);
  expect(statSync(join(journal.folder, '0000000001.open')).size).toBeLessThan(200);
  expect(statSync(join(journal.folder, '0000000001.open')).mode & 0o777).toBe(0o600);
});

test('a segment is sealed after a second when the last one was applied, else at 1 MiB', async () => {
  const { journal, clock, sealed } = await testJournal();
  const owner = journal.owner(OWNERS[0]);
  const hits = journal.metric('hits');
  const use = (): void => {
    journal.use(owner, hits, clock.now(), 1, 1, 0);
    journal.commit();
  };
  use();
  await clock.advance(950);
  expect(sealed).toEqual([]);
  await clock.advance(100);
  expect(sealed).toMatchObject([{ sequence: 1, units: 1, firstMinute: MONDAY }]);
  use();
  await clock.advance(5000);
  expect(sealed).toHaveLength(1);
  journal.delivered(1);
  await clock.advance(50);
  expect(sealed).toHaveLength(2);
  for (let index = 0; sealed.length === 2; index++) {
    for (let minute = 0; minute < 500; minute++) journal.use(owner, hits, MONDAY + minute * 60_000, 1, 1, 0);
    journal.commit();
    expect(index).toBeLessThan(100);
  }
  expect(sealed[2]?.bytes).toBeGreaterThan(1024 * 1024);
  expect(sealed[2]?.bytes).toBeLessThan(1024 * 1024 + 20_000);
});

test('a sealed segment folds to the same batch at every reading, and is deleted when released', async () => {
  const { journal, clock, sealed } = await testJournal();
  const owners = OWNERS.map((owner) => journal.owner(owner));
  for (const owner of owners.toReversed()) journal.use(owner, journal.metric('hits'), MONDAY, 1, 1, 0);
  journal.code(owners[1] ?? 0, MONDAY, 404);
  journal.commit();
  await clock.advance(1100);
  expect(segmentFiles(journal.folder)).toEqual(['0000000001.sealed']);
  const fold = foldFile(journal.folder, '0000000001.sealed');
  expect(fold).toEqual(foldFile(journal.folder, '0000000001.sealed'));
  expect(await foldGently(readFileSync(join(journal.folder, '0000000001.sealed')))).toEqual(fold);
  expect(fold.usage.map(({ owner }) => owner)).toEqual([OWNERS[0], OWNERS[1], OWNERS[2], OWNERS[3]]);
  expect(fold.codes).toEqual([{ owner: OWNERS[1], minute: MONDAY, status: 404, count: 1 }]);
  journal.delivered(1);
  journal.release(1);
  await expect.poll(() => segmentFiles(journal.folder)).toEqual([]);
  expect(journal.bytes).toBe(0);
  expect(sealed).toHaveLength(1);
});

test('the sum of all segments is what was used, whatever the order of ticks, settlements and seals', async () => {
  const use = fc.record({
    owner: fc.nat(OWNERS.length - 1),
    metric: fc.nat(METRICS.length - 1),
    minute: fc.nat(3),
    amount: fc.integer({ min: 1, max: 1_000_000 }),
    late: fc.boolean(),
  });
  const step = fc.oneof(
    { weight: 5, arbitrary: use },
    { weight: 3, arbitrary: fc.constant('commit' as const) },
    { weight: 1, arbitrary: fc.constant('seal' as const) },
    { weight: 1, arbitrary: fc.constant('release' as const) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { journal } = await testJournal();
      let owners = OWNERS.map((owner) => journal.owner(owner));
      const expected = new Map<string, number>();
      for (const each of steps) {
        if (each === 'commit') journal.commit();
        else if (each === 'seal') {
          journal.commit();
          journal.sealNow();
        } else if (each === 'release') {
          for (const owner of owners) journal.releaseOwner(owner);
          owners = OWNERS.map((owner) => journal.owner(owner));
        } else {
          const at = MONDAY + each.minute * 60_000;
          const owner = OWNERS[each.owner] ?? OWNERS[0];
          const metric = METRICS[each.metric] ?? 'hits';
          const how = each.late ? 'settle' : 'use';
          journal[how](owners[each.owner] ?? 0, journal.metric(metric), at, each.amount, each.amount, 0);
          const key = JSON.stringify([owner.service, owner.kind, owner.id, metric, at]);
          expected.set(key, (expected.get(key) ?? 0) + each.amount);
        }
      }
      journal.commit();
      const folds = segmentFiles(journal.folder).map((name) => foldFile(journal.folder, name));
      expect(totals(folds)).toEqual(expected);
      expect(folds.every(({ damage }) => damage.tailBytes + damage.skipped + damage.nameless === 0)).toBe(true);
      await journal.close();
    }),
    { numRuns: 60 },
  );
});

test('a tail torn at any byte loses the torn write and nothing before it', async () => {
  const { journal } = await testJournal();
  const owner = journal.owner(OWNERS[0]);
  const path = join(journal.folder, '0000000001.open');
  for (const amount of [1, 10]) {
    journal.use(owner, journal.metric('hits'), MONDAY, amount, amount, 0);
    journal.commit();
  }
  const before = readFileSync(path).length;
  journal.use(owner, journal.metric('other'), MONDAY, 100, 100, 0);
  journal.commit();
  const bytes = readFileSync(path);
  for (let length = before; length < bytes.length; length++) {
    const fold = foldSegment(bytes.subarray(0, length));
    expect(fold.usage.map(({ use }) => use)).toEqual([11]);
    expect(fold.damage.tailBytes).toBe(length - before);
  }
});

test('a flipped bit in any byte of a record loses that record, is noticed, and leaves the later ones', async () => {
  const { journal } = await testJournal();
  const owner = journal.owner(OWNERS[0]);
  const hits = journal.metric('hits');
  const offsets = [0];
  for (const amount of [1, 10, 100, 1000]) {
    journal.use(owner, hits, MONDAY, amount, amount, 0);
    journal.commit();
    offsets.push(statSync(join(journal.folder, '0000000001.open')).size);
  }
  const bytes = readFileSync(join(journal.folder, '0000000001.open'));
  // The first write holds header, definitions and usage; the second repeats the definitions.
  const headerEnd = 34 + 12;
  for (let record = 0; record < 4; record++) {
    const start = record === 0 ? headerEnd : (offsets[record] ?? 0);
    for (let at = start; at < (offsets[record + 1] ?? 0); at++) {
      for (let bit = 0; bit < 8; bit++) {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
        const fold = foldSegment(damaged);
        const lost = 10 ** record;
        const sum = fold.usage.reduce((units, { use }) => units + use, 0);
        // A flip in the repeated definitions loses no usage.
        expect([1111 - lost, 1111]).toContain(sum);
        expect(fold.damage.skipped + fold.damage.tailBytes).toBeGreaterThan(0);
      }
    }
  }
});

test('arbitrary bytes are read to their end without usage and without a fault', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4000 }), fc.array(fc.nat(3999), { maxLength: 20 }), (noise, magics) => {
      const bytes = Buffer.from(noise);
      for (const at of magics) if (at + 1 < bytes.length) bytes.write('TG', at);
      const fold = foldSegment(bytes);
      expect(fold.usage).toEqual([]);
      expect(fold.damage.tailBytes).toBe(bytes.length);
    }),
    { numRuns: 300 },
  );
});

test('statuses are written with the regular care, not by a commit, and under their owner even when it was released', async () => {
  const { journal, clock } = await testJournal();
  const hits = journal.metric('hits');
  const first = journal.owner(OWNERS[0]);
  journal.use(first, hits, MONDAY, 1, 1, 0);
  journal.code(first, MONDAY, 200);
  journal.commit();
  expect(foldFile(journal.folder, '0000000001.open').codes).toEqual([]);
  journal.releaseOwner(first);
  const second = journal.owner(OWNERS[1]);
  journal.use(second, hits, MONDAY, 1, 1, 0);
  journal.commit();
  const third = journal.owner(OWNERS[2]);
  journal.code(third, MONDAY, 404);
  await clock.advance(50);
  expect(foldFile(journal.folder, '0000000001.open').codes).toEqual([
    { owner: OWNERS[0], minute: MONDAY, status: 200, count: 1 },
    { owner: OWNERS[2], minute: MONDAY, status: 404, count: 1 },
  ]);
});
