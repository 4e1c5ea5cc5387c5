import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { UsageOwner } from '../../../gateway/journal/contract.ts';
import type { FoldedCode, FoldedUsage } from '../../../gateway/journal/fold.ts';
import { reportParts, type ReportPart } from '../../../gateway/reporting/report-form.ts';
import { MONDAY } from '../../harness/clock.ts';

const K: UsageOwner = { service: '42', kind: 'user_key', id: 'k&y' };
const A: UsageOwner = { service: '42', kind: 'app_id', id: 'app' };

function use(owner: UsageOwner, metric: string, units: number, minute = MONDAY): FoldedUsage {
  return { owner, metric, minute, use: units, take: units };
}

/** The transactions of a part: fields by name. */
function transactions({ body }: ReportPart): Record<string, string>[] {
  const found: Record<string, string>[] = [];
  for (const [name, value] of new URLSearchParams(body)) {
    const [, index = '', field = ''] = /^transactions\[(\d+)\](.*)$/.exec(name) ?? [];
    (found[Number(index)] ??= {})[field] = value;
  }
  return found;
}

function parts(usage: readonly FoldedUsage[], codes: readonly FoldedCode[] = [], now = MONDAY): ReportPart[] {
  return reportParts({ usage, codes }, now, codes.length > 0);
}

test('a caller and minute is one transaction, dated by the minute', () => {
  const later = MONDAY + 60_000;
  const [part] = parts([use(A, 'hits', 2), use(A, 'search', 1), use(K, 'hits', 5), use(K, 'hits', 1, later)]);
  expect(part?.service).toBe('42');
  expect(part === undefined ? [] : transactions(part)).toEqual([
    { '[app_id]': 'app', '[usage][hits]': '2', '[usage][search]': '1', '[timestamp]': '2024-03-04 00:00:00 +0000' },
    { '[user_key]': 'k&y', '[usage][hits]': '5', '[timestamp]': '2024-03-04 00:00:00 +0000' },
    { '[user_key]': 'k&y', '[usage][hits]': '1', '[timestamp]': '2024-03-04 00:01:00 +0000' },
  ]);
  expect(part?.body).toContain('transactions%5B0%5D%5Bapp_id%5D=app&');
});

test('each status is a transaction of its own, with a unit of usage beside it', () => {
  const codes = [
    { owner: K, minute: MONDAY, status: 200, count: 2 },
    { owner: K, minute: MONDAY, status: 404, count: 1 },
  ];
  const [part] = parts([use(K, 'hits', 5), use(K, 'search', 1)], codes);
  expect(
    part === undefined ? [] : transactions(part).map(({ '[timestamp]': _at, '[user_key]': _key, ...rest }) => rest),
  ).toEqual([
    { '[usage][hits]': '3', '[usage][search]': '1', '[log][code]': '200' },
    { '[usage][hits]': '1', '[log][code]': '200' },
    { '[usage][hits]': '1', '[log][code]': '404' },
  ]);
});

test('services have reports of their own, and so has each caller nobody vouched for', () => {
  const unknown = (id: string): UsageOwner => ({ service: '42', kind: 'user_key', id, known: false });
  const other: UsageOwner = { ...K, service: '43' };
  const found = parts([
    use(K, 'hits', 1),
    use(unknown('x'), 'hits', 1),
    use(unknown('y'), 'hits', 1),
    use(other, 'hits', 1),
  ]);
  expect(found.map(({ service, usage }) => [service, usage.map(({ owner }) => owner.id)])).toEqual([
    ['42', ['k&y']],
    ['42', ['x']],
    ['42', ['y']],
    ['43', ['k&y']],
  ]);
});

test('usage too old for the contract is dated as far back as it takes, not lost with its whole report', () => {
  const [part] = parts([use(K, 'hits', 1, MONDAY - 5 * 86_400_000)], [], MONDAY);
  const [transaction] = part === undefined ? [] : transactions(part);
  expect(transaction?.['[timestamp]']).toBe('2024-03-03 00:10:00 +0000');
});

test('no part is larger than the contract takes, and together they report exactly what was used', () => {
  const rows = fc.array(
    fc.record({
      caller: fc.nat(2000),
      metric: fc.constantFrom('hits', 'search', 'm[x]&=%'),
      minute: fc.nat(3),
      units: fc.integer({ min: -1, max: 9 }),
      codes: fc.nat(20),
    }),
    { maxLength: 4000, size: 'max' },
  );
  fc.assert(
    fc.property(rows, fc.boolean(), (found, withCodes) => {
      const owners = new Map<number, UsageOwner>();
      const sums = new Map<string, FoldedUsage>();
      for (const { caller, metric, minute, units } of found) {
        const owner = owners.get(caller) ?? { service: String(caller % 3), kind: 'user_key', id: `caller ${caller}` };
        owners.set(caller, owner);
        sums.set(JSON.stringify([caller, minute, metric]), use(owner, metric, units, MONDAY + minute * 60_000));
      }
      const usage = [...sums.values()].toSorted(
        (a, b) =>
          a.owner.service.localeCompare(b.owner.service) || a.owner.id.localeCompare(b.owner.id) || a.minute - b.minute,
      );
      const codes = withCodes
        ? usage.map(({ owner, minute }, index) => ({ owner, minute, status: 200, count: index % 20 }))
        : [];
      const reports = reportParts({ usage, codes }, MONDAY, withCodes);
      for (const { body } of reports) {
        expect(body.split('&').length).toBeLessThan(4096);
        expect(body.length).toBeLessThan(2 * 1024 * 1024);
      }
      const reported = reports
        .flatMap(transactions)
        .flatMap((each) => Object.entries(each).filter(([name]) => name.startsWith('[usage]')));
      const expected = usage.filter((row) => row.use > 0).reduce((sum, row) => sum + row.use, 0);
      expect(reported.reduce((sum, [, value]) => sum + Number(value), 0)).toBe(expected);
      expect(reported.every(([, value]) => Number(value) > 0)).toBe(true);
    }),
    { numRuns: 20 },
  );
});
