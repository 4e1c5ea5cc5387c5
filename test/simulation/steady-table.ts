import { writeFileSync } from 'node:fs';
import { ROUND_TRIPS } from './campaign.ts';
import type { CallersOptions, CallersRow, SteadyOptions, SteadyRow } from './steady.ts';
import type { Task } from './tasks.ts';
import { runTasks } from './threads.ts';

/** What must be reached. */
const MOST_UNUSED = 0.1;
const MOST_ELSEWHERE = 1;
const MOST_WAITS = 2.5;
const MOST_CALLS = 1.5;
/** From this limit on a thousandth may stay unused; below, nothing. */
const LARGE = 1_000;
/** The waits are promised where a gateway has this much of a window at least. */
const PER_GATEWAY = 100;

const GATEWAYS = [1, 5, 50];
const LIMITS = [1, 10, 1_000, 100_000];
const DEMANDS = [0.8, 1.2, 10];
const FAR: readonly SteadyOptions[] = [
  { gateways: 5, limit: 20_000, demand: 0.8, roundTrip: ROUND_TRIPS.far },
  { gateways: 5, limit: 20_000, demand: 0.8, roundTrip: ROUND_TRIPS.farther },
];
const IDLE: CallersOptions = { gateways: 10, known: 10_000, active: 100, rate: 1_000 };
/** Each of them once in 20 s. */
const SPARSE: CallersOptions = { gateways: 1, known: 10_000, active: 10_000, rate: 500 };

const HEADINGS = [
  'gateways',
  'limit',
  'demand',
  'round trip',
  'over',
  'unused %',
  'elsewhere %',
  'waits ‰',
  'calls/s',
  '',
];
const WIDTH = 12;

/** Measures and prints the steady state, for limits up to `largest`, and what idle callers cost, each row with its verdict. Returns rows that passed and failed. */
export async function printSteady(
  largest: number,
  json: string | null,
): Promise<{ readonly passed: number; readonly failed: number }> {
  const options = GATEWAYS.flatMap((gateways) =>
    LIMITS.filter((limit) => limit <= largest).flatMap((limit) =>
      DEMANDS.map((demand) => ({ gateways, limit, demand, roundTrip: ROUND_TRIPS.near })),
    ),
  );
  const callers = largest < IDLE.known ? [SPARSE] : [SPARSE, IDLE, { ...IDLE, known: IDLE.active }];
  const tasks: Task[] = [
    ...[...options, ...FAR].map((each) => ({ kind: 'steady', ...each }) as const),
    ...callers.map((each) => ({ kind: 'callers', ...each }) as const),
  ];
  print(HEADINGS);
  const rows: SteadyRow[] = [];
  const known: CallersRow[] = [];
  for await (const result of runTasks(tasks)) {
    if (result.kind === 'callers') known.push(result.row);
    if (result.kind !== 'steady') continue;
    rows.push(result.row);
    printRow(result.row);
  }
  const misses = rows.flatMap(missesOf).length + callersMisses(known);
  if (json !== null) writeFileSync(json, `${JSON.stringify({ rows, callers: known }, null, 2)}\n`);
  return { passed: rows.length + 1 - misses, failed: misses };
}

/** What the row misses; several count as one row. */
function missesOf(row: SteadyRow): readonly string[] {
  const { gateways, limit, demand, over, unusedPercent, refusedElsewherePercent, waitsPerThousand, roundTrip } = row;
  const missed = [];
  if (over > 0) missed.push('over');
  if (unusedPercent > (limit >= LARGE ? MOST_UNUSED : 0)) missed.push('unused');
  if (refusedElsewherePercent > MOST_ELSEWHERE) missed.push('elsewhere');
  const promised = demand < 1 && limit >= PER_GATEWAY * gateways && roundTrip[1] <= ROUND_TRIPS.near[1];
  if (promised && waitsPerThousand > MOST_WAITS) missed.push('waits');
  return missed.length === 0 ? [] : [missed.join(', ')];
}

function printRow(row: SteadyRow): void {
  const [missed] = missesOf(row);
  print([
    String(row.gateways),
    String(row.limit),
    String(row.demand),
    row.roundTrip.join('–'),
    String(row.over),
    row.unusedPercent.toFixed(3),
    row.refusedElsewherePercent.toFixed(2),
    row.waitsPerThousand.toFixed(1),
    row.leaseCalls.toFixed(1),
    missed === undefined ? 'pass' : `FAIL: ${missed}`,
  ]);
}

function callersMisses(rows: readonly CallersRow[]): number {
  for (const row of rows) {
    const { gateways, known, active, waitsPerThousand, leaseMessages } = row;
    process.stdout.write(
      `${gateways} gateways, ${known} callers known, ${active} active, ${row.rate} requests/s: ${callsOf(row).toFixed(1)} calls/s, ` +
        `${leaseMessages.toFixed(1)} lease messages/s, ${waitsPerThousand.toFixed(2)} waits ‰\n`,
    );
  }
  const [, idle, alone] = rows;
  if (idle === undefined || alone === undefined) return rows.every(({ over }) => over === 0) ? 0 : 1;
  const ratio = callsOf(idle) / callsOf(alone);
  const passes = ratio <= MOST_CALLS && rows.every(({ over }) => over === 0);
  process.stdout.write(`calls with idle callers ÷ without: ${ratio.toFixed(2)} ${passes ? 'pass' : 'FAIL'}\n`);
  return passes ? 0 : 1;
}

function callsOf({ leaseCalls, heartbeats, batchCalls, authorizeCalls }: CallersRow): number {
  return leaseCalls + heartbeats + batchCalls + authorizeCalls;
}

function print(cells: readonly string[]): void {
  process.stdout.write(`${cells.map((cell) => cell.padStart(WIDTH)).join('')}\n`);
}
