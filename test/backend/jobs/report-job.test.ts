import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MalformedReport, decodeReport, encodeReport } from '../../../backend/jobs/report-job.ts';

const IDENTITY = { epoch: 'a'.repeat(32), sequence: 3, floor: 1 };

const amount = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const entry = fc.record({
  service: fc.string(),
  application: fc.string(),
  at: fc.nat(),
  additions: fc.array(fc.record({ metric: fc.string(), use: amount, take: amount, set: fc.boolean() })),
  codes: fc.array(fc.record({ code: fc.string(), use: amount })),
});

test('what a report says survives the queue, whatever its names and amounts', () => {
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      const data: unknown = JSON.parse(JSON.stringify(encodeReport(IDENTITY, entries)));
      const decoded = decodeReport(data);
      expect(decoded.entries).toEqual(entries);
      expect(decoded.identity).toMatchObject(IDENTITY);
    }),
  );
});

test('the same content has the same digest, another content another', () => {
  const one = { service: 's', application: 'a', at: 0, additions: [], codes: [{ code: '200', use: 1n }] };
  const digest = encodeReport(IDENTITY, [one]).digest;
  expect(encodeReport({ ...IDENTITY, sequence: 9 }, [one]).digest).toBe(digest);
  expect(encodeReport(IDENTITY, [one, one]).digest).not.toBe(digest);
});

const good = encodeReport(IDENTITY, [
  { service: 's', application: 'a', at: 0, additions: [{ metric: 'm', use: 1n, take: 1n, set: false }], codes: [] },
]);

test.each<[string, unknown]>([
  ['nothing', null],
  ['a text', 'report'],
  ['another version', { ...good, v: 2 }],
  ['no entries', { ...good, entries: 5 }],
  ['an amount that is no integer', { ...good, entries: [['s', 'a', 0, [['m', '1.5', '1', 0]], []]] }],
  ['a changed amount', { ...good, entries: [['s', 'a', 0, [['m', '2', '2', 0]], []]] }],
  ['an epoch that is none', { ...good, epoch: '../..' }],
  ['a negative sequence', { ...good, sequence: -1 }],
])('%s is set aside, not applied', (_what, data) => {
  expect(() => decodeReport(data)).toThrow(MalformedReport);
});
