import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PERIODS, windowStart } from '../../../shared/period.ts';
import type { Period } from '../../../shared/period.ts';
import { MetricTable } from '../../../backend/domain/metric.ts';
import type { Application } from '../../../backend/domain/model.ts';
import { resolveReport } from '../../../backend/domain/report.ts';
import type { ReportedTransaction } from '../../../backend/domain/report.ts';
import type { BatchEntry } from '../../../backend/store/store.ts';

/** Moments around which windows end: midnight, Monday, month, year, leap day, century. */
const BOUNDARIES = [
  '2026-03-18T00:00:00Z',
  '2026-03-16T00:00:00Z',
  '2026-04-01T00:00:00Z',
  '2027-01-01T00:00:00Z',
  '2028-02-29T00:00:00Z',
  '2028-03-01T00:00:00Z',
  '2100-03-01T00:00:00Z',
  '2026-12-28T00:00:00Z',
].map((text) => Date.parse(text));

/** A forest: the parent of each metric is one of those before it, or none. */
const forest = fc.array(fc.nat(), { minLength: 1, maxLength: 8 }).map((choices) =>
  choices.map((choice, i) => ({
    id: `m${i}`,
    name: `metric ${i}`,
    parentId: i === 0 || choice % (i + 1) === i ? null : `m${choice % (i + 1)}`,
  })),
);

const moment = fc
  .tuple(fc.constantFrom(...BOUNDARIES), fc.integer({ min: -90, max: 90 }))
  .map(([boundary, seconds]) => boundary + seconds * 1000);

const usages = fc.array(
  fc.record({
    metrics: fc.array(fc.tuple(fc.nat({ max: 7 }), fc.nat({ max: 1000 })), { maxLength: 4 }),
    offset: fc.integer({ min: -80_000, max: 3_500 }),
    code: fc.constantFrom('200', '404', '302', '503', null),
  }),
  { maxLength: 20 },
);

function windowKey(metric: string, period: Period, at: number): string {
  return JSON.stringify([metric, period, windowStart(period, at)]);
}

function add(sums: Map<string, bigint>, key: string, amount: bigint): void {
  if (amount > 0n) sums.set(key, (sums.get(key) ?? 0n) + amount);
}

/** What the entries add to every window of every metric. */
function countedBy(entries: readonly BatchEntry[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { at, additions } of entries) {
    for (const { metric, use } of additions)
      for (const period of PERIODS) add(sums, windowKey(metric, period, at), use);
  }
  return sums;
}

it('counts every unit of a report once, in each window that holds it, for the metric and each ancestor', () => {
  fc.assert(
    fc.property(forest, moment, usages, (records, at, reported) => {
      const metrics = new MetricTable(records);
      const expected = new Map<string, bigint>();
      const transactions = reported.map(({ metrics: amounts, offset, code }): ReportedTransaction => {
        const date = at + offset * 1000;
        const usage = new Map<string, string>();
        for (const [index, amount] of amounts) usage.set(`metric ${index % records.length}`, String(amount));
        for (const [name, amount] of usage) {
          for (const { id } of metrics.named(name)?.chain ?? []) {
            for (const period of PERIODS) add(expected, windowKey(id, period, date), BigInt(amount));
          }
        }
        const timestamp = String(date / 1000);
        return { applicationId: 'a', userKey: null, usage: [...usage], timestamp, code };
      });
      const application = { id: 'a', service: { metrics } } as unknown as Application;
      const report = { service: 's', at, flatUsage: false, keepGood: false, transactions };
      const { entries, errors } = resolveReport(
        report,
        transactions.map(() => application),
      );
      expect(errors).toEqual([]);
      expect(countedBy(entries)).toEqual(expected);
      expect(entries.length).toBeLessThanOrEqual(
        new Set(reported.map(({ offset }) => Math.floor((at / 1000 + offset) / 60))).size,
      );
    }),
  );
});
