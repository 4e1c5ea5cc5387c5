import { expect, test } from 'vitest';
import { withSummary, withTables } from '../../load/documents.ts';
import type { StoredReport } from '../../load/report.ts';
import { atLeast, atMost } from '../../load/verdict.ts';

const report: StoredReport = {
  name: 'gateway',
  title: 'Cost',
  command: 'npm run load -- gateway',
  date: '2026-01-02',
  machine: { node: 'v20', cores: 2, cpu: 'a processor', kernel: '6' },
  columns: ['candidate', 'µs'],
  rows: [['ours', '$1 and $&']],
  verdicts: [atMost('cost', 1.2, 1.3, 1)],
  notes: ['A note.'],
};
const page = (name: string): string =>
  `before\n<!-- load ${name} -->\nold\n<!-- end of ${name} -->\nafter <!-- load other -->`;

test('a generated table replaces what is between its markers, whatever is in it', () => {
  const text = withTables(page('gateway'), new Map([['gateway', report]]));
  expect(text).toBe(`before
<!-- load gateway -->

\`npm run load -- gateway\`, 2026-01-02, Node v20, 2 cores (a processor).

| candidate | µs |
| --- | --- |
| ours | $1 and $& |

| measure | value | must | reached | aim | reached |
| --- | --- | --- | --- | --- | --- |
| cost | 1.20 | ≤ 1.3 | yes | ≤ 1 | no |

A note.

<!-- end of gateway -->
after <!-- load other -->`);
});

test('a table without a result stays as it is', () => {
  expect(withTables(page('bodies'), new Map([['gateway', report]]))).toBe(page('bodies'));
});

test('the summary has every verdict of every table of the page, those of earlier runs too', () => {
  const bodies = { ...report, name: 'bodies', verdicts: [atLeast('speed', 0.5, 1)] };
  const none = { ...report, name: 'memory', verdicts: [] };
  const earlier = withTables(page('gateway'), new Map([['gateway', report]]));
  const tables = withTables(
    `${earlier}\n${page('bodies')}\n${page('memory')}`,
    new Map([
      ['bodies', bodies],
      ['memory', none],
    ]),
  );
  expect(withSummary(page('summary'), tables)).toBe(`before
<!-- load summary -->

| measure | value | must | reached | aim | reached |
| --- | --- | --- | --- | --- | --- |
| cost | 1.20 | ≤ 1.3 | yes | ≤ 1 | no |
| speed | 0.50 | ≥ 1 | **no** |  |  |

<!-- end of summary -->
after <!-- load other -->`);
});

test('writing the same tables again changes nothing', () => {
  const once = withTables(page('gateway'), new Map([['gateway', report]]));
  expect(withTables(once, new Map([['gateway', report]]))).toBe(once);
});
