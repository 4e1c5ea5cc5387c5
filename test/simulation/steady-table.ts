import { writeFileSync } from 'node:fs';
import { callersRow, steadyRow } from './steady.ts';

/** Gateways, limit of a minute, demand as a multiple of it, round trip in ms. */
const ROWS: readonly (readonly [number, number, number, (readonly [number, number])?])[] = [
  [1, 10, 3],
  [1, 1_000, 0.8],
  [1, 1_000, 1.2],
  [1, 1_000, 6],
  [1, 20_000, 0.8],
  [1, 20_000, 1.2],
  [5, 10, 3],
  [5, 1_000, 0.8],
  [5, 1_000, 1.2],
  [5, 1_000, 6],
  [5, 20_000, 0.8],
  [5, 20_000, 1.2],
  [5, 20_000, 0.8, [90, 110]],
  [5, 20_000, 0.8, [270, 330]],
  [50, 1_000, 0.8],
  [50, 1_000, 1.2],
  [50, 20_000, 0.8],
  [50, 20_000, 1.2],
];

const COLUMNS = ['gateways', 'limit', 'demand', 'round trip', 'waits ‰', 'unused %', 'elsewhere %', 'calls/s', 'over'];

/** Measures and prints the steady state, and what idle callers cost. */
export async function printSteady(json: string | null): Promise<void> {
  const rows = [];
  let over = 0;
  process.stdout.write(`${COLUMNS.map((name) => name.padStart(12)).join('')}\n`);
  for (const [gateways, limit, demand, roundTrip] of ROWS) {
    const row = await steadyRow(gateways, limit, demand, roundTrip);
    rows.push(row);
    over += row.over;
    const { waitsPerThousand, unusedPercent, refusedElsewherePercent, leaseCalls } = row;
    const cells = [
      gateways,
      limit,
      demand,
      row.roundTrip.join('–'),
      waitsPerThousand.toFixed(1),
      unusedPercent.toFixed(3),
      refusedElsewherePercent.toFixed(2),
      leaseCalls.toFixed(1),
      row.over,
    ];
    process.stdout.write(`${cells.map((cell) => String(cell).padStart(12)).join('')}\n`);
  }
  const callers = [await callersRow(4, 1_000, 20, 400), await callersRow(4, 20, 20, 400)];
  for (const { known, active, leaseCalls, leaseMessages, waitsPerSecond } of callers) {
    process.stdout.write(
      `4 gateways that know ${known} callers, ${active} of them active, 400 requests/s: ${leaseCalls.toFixed(1)} lease calls/s, ` +
        `${leaseMessages.toFixed(1)} messages/s, ${waitsPerSecond.toFixed(2)} waits/s\n`,
    );
  }
  if (json !== null) writeFileSync(json, `${JSON.stringify({ rows, callers }, null, 2)}\n`);
  process.stdout.write(`simulation: ${over === 0 ? 1 : 0} passed, ${over === 0 ? 0 : 1} failed\n`);
  if (over > 0) process.exitCode = 1;
}
