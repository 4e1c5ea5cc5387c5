import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_OPEN, ReportSequence } from '../../../backend/jobs/report-sequence.ts';

test('sequences of an epoch count up from 0, and the floor follows what is completed', () => {
  const sequence = new ReportSequence();
  const first = sequence.next();
  expect(first).toMatchObject({ sequence: 0, floor: 0 });
  expect(sequence.next()).toMatchObject({ epoch: first.epoch, sequence: 1, floor: 0 });
  sequence.completed(first.epoch, 1);
  expect(sequence.next()).toMatchObject({ sequence: 2, floor: 0 });
  sequence.completed(first.epoch, 0);
  expect(sequence.next()).toMatchObject({ sequence: 3, floor: 2 });
});

test('with 1,024 open a new epoch is taken', () => {
  const sequence = new ReportSequence();
  const epochs = Array.from({ length: MAX_OPEN + 1 }, () => sequence.next());
  expect(new Set(epochs.slice(0, MAX_OPEN).map(({ epoch }) => epoch)).size).toBe(1);
  expect(epochs[MAX_OPEN]).toMatchObject({ sequence: 0, floor: 0 });
  expect(epochs[MAX_OPEN]?.epoch).not.toBe(epochs[0]?.epoch);
});

test('what is completed late, twice, or of another epoch changes nothing', () => {
  const sequence = new ReportSequence();
  const { epoch } = sequence.next();
  sequence.completed('0'.repeat(32), 0);
  sequence.completed(epoch, 7);
  expect(sequence.open).toBe(1);
  sequence.completed(epoch, 0);
  sequence.completed(epoch, 0);
  expect(sequence.open).toBe(0);
});

test('the floor never passes an open sequence, and identities are never given twice', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 50 }), { maxLength: 3_000 }), (choices) => {
      const sequence = new ReportSequence();
      const open: { epoch: string; sequence: number }[] = [];
      const given = new Set<string>();
      for (const choice of choices) {
        const completed = choice > 10 ? undefined : open.splice(choice, 1)[0];
        if (completed !== undefined) sequence.completed(completed.epoch, completed.sequence);
        const identity = sequence.next();
        given.add(JSON.stringify([identity.epoch, identity.sequence]));
        open.push(identity);
        const lowest = Math.min(...open.filter(({ epoch }) => epoch === identity.epoch).map((one) => one.sequence));
        expect(identity.floor).toBeLessThanOrEqual(lowest);
        expect(identity.sequence - identity.floor).toBeLessThan(MAX_OPEN);
      }
      expect(given.size).toBe(choices.length);
    }),
    { numRuns: 50 },
  );
});
