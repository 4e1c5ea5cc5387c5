import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { systemClock } from '../../shared/clock.ts';
import { MUTATIONS, isMutation } from './options.ts';
import { runRound } from './round.ts';
import type { RoundResult } from './round.ts';
import { printSteady } from './steady-table.ts';
import { breaks } from './without.ts';

const HELP = `Usage: npm run simulate -- [--rounds N] [--seed S] [--round-trip MS] [--slow] [--events] [--json FILE]
       npm run simulate -- --without RULE [--rounds N]
       npm run simulate -- --steady

Seeded rounds of gateways, backends and a store under faults, in one process and virtual time. A round that breaks an
invariant is named by its seed; --rounds 1 --seed S --events shows what was done to it.
--round-trip  round trip between gateways and backends, ms (default 1 to 5)
--slow        in each round a backend answers 200 ms late for 10 s
--without     takes a rule away and looks for a round that breaks: ${Object.keys(MUTATIONS).join(', ')}
--steady      waits, refusals, unused quota and calls without faults
`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    'round-trip': { type: 'string' },
    slow: { type: 'boolean', default: false },
    without: { type: 'string' },
    steady: { type: 'boolean', default: false },
    events: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});

const rounds = Number(values.rounds);
const firstSeed = Number(values.seed);

if (values.help) process.stdout.write(HELP);
else if (values.steady) await printSteady(values.json ?? null);
else if (values.without !== undefined) await runWithout(values.without);
else await runRounds();

async function runWithout(rule: string): Promise<void> {
  if (!isMutation(rule)) {
    process.stderr.write(`no rule is called ${JSON.stringify(rule)}\n${HELP}`);
    process.exitCode = 1;
    return;
  }
  const seed = await breaks(rule, rounds, firstSeed);
  const found = seed === null ? `nothing broke in ${rounds} rounds` : `seed ${seed} breaks: ${MUTATIONS[rule]}`;
  process.stdout.write(`without ${rule}: ${found}\n`);
  finish(seed === null ? 0 : 1, seed === null ? 1 : 0);
}

async function runRounds(): Promise<void> {
  const totals = new Map<string, number>();
  const failures: { readonly seed: number; readonly violations: RoundResult['violations'] }[] = [];
  const began = systemClock.monotonic();
  for (let seed = firstSeed; seed < firstSeed + rounds; seed += 1) {
    const result = await runRound({ seed, gateways: 1 + (seed % 5), ...network() });
    for (const [name, value] of numbersOf(result)) totals.set(name, (totals.get(name) ?? 0) + value);
    if (result.violations.length === 0) continue;
    failures.push({ seed, violations: result.violations });
    report(result);
  }
  const seconds = Math.round((systemClock.monotonic() - began) / 100) / 10;
  for (const [name, value] of totals) process.stdout.write(`${name.padEnd(24)}${value}\n`);
  process.stdout.write(`${'seconds'.padEnd(24)}${seconds}\n`);
  if (values.json !== undefined) {
    const summary = { rounds, firstSeed, seconds, totals: Object.fromEntries(totals), failures };
    writeFileSync(values.json, `${JSON.stringify(summary, null, 2)}\n`);
  }
  finish(rounds - failures.length, failures.length);
}

function network(): { roundTrip?: readonly [number, number]; slowBackends?: number } {
  const slow = values.slow ? { slowBackends: 1 } : {};
  if (values['round-trip'] === undefined) return slow;
  const middle = Number(values['round-trip']);
  return { roundTrip: [0.9 * middle, 1.1 * middle], ...slow };
}

function numbersOf({ figures, steps, failovers }: RoundResult): (readonly [string, number])[] {
  const { requests, served, refused, refusedElsewhere, outages, waits, direct, repeats, headers, headersAbove } =
    figures;
  const { leases, heartbeat, batch, authorize } = figures.calls;
  return Object.entries({
    steps,
    failovers,
    requests,
    served,
    refused,
    refusedElsewhere,
    outages,
    waits,
    direct,
    headers,
    headersAbove,
    leases,
    heartbeat,
    batch,
    authorize,
    batchesRecognised: repeats,
  });
}

function report({ seed, violations, events }: RoundResult): void {
  if (values.events) process.stdout.write(`${events.join('\n')}\n`);
  for (const { kind, text } of violations.slice(0, 3)) process.stdout.write(`seed ${seed}: ${kind} ${text}\n`);
}

function finish(passed: number, failed: number): void {
  if (failed > 0) process.exitCode = 1;
  process.stdout.write(`simulation: ${passed} passed, ${failed} failed\n`);
}
