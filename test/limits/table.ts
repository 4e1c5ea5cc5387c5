import type { RowResult } from './judge.ts';

/** A line for each row; what is wrong with it stands at its end. */
export function tableOf(results: readonly RowResult[]): string {
  const head = ['gateways', 'limit', 'demand', 'mid-run', 'sent', 'allowed', 'refused', 'outages', 'over', 'unused %'];
  const lines = [[...head, 'early %', 'waits/1,000', 'counted'], ...results.map(cellsOf)];
  return lines.map((cells) => `${cells.map((cell) => String(cell).padStart(12)).join('')}\n`).join('');
}

function cellsOf(row: RowResult): (string | number)[] {
  const { gateways, limit, demand, sent, allowed, refused, outages, over, counted, problems } = row;
  return [
    gateways,
    limit,
    demand,
    incidentOf(row),
    sent,
    allowed,
    refused,
    outages,
    over,
    row.unusedPercent.toFixed(2),
    row.earlyPercent.toFixed(2),
    row.waitsPerThousand === null ? '–' : row.waitsPerThousand.toFixed(1),
    `${counted.join('+')}  ${problems.join('; ')}`,
  ];
}

function incidentOf({ change, kill, skew }: RowResult): string {
  if (kill) return 'kill -9';
  if (change !== null) return `→ ${change}`;
  return skew === 1 ? '' : `skew ${skew}`;
}
