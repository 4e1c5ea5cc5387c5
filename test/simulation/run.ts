import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { systemClock } from '../../shared/clock.ts';
import { roundOf, slow } from './campaign.ts';
import { MUTATIONS, isMutation } from './options.ts';
import { runRound } from './round.ts';
import { printSteady } from './steady-table.ts';
import { summaryOf } from './summary.ts';
import type { RoundSummary } from './summary.ts';
import { runTasks } from './threads.ts';
import { printWithout } from './without-table.ts';

const HELP = `Usage: npm run simulate -- [--rounds N] [--seed S] [--threads N] [--round-trip MS] [--slow] [--events] [--json FILE]
       npm run simulate -- --without RULE|all [--rounds N]
       npm run simulate -- --steady [--largest N] [--json FILE]

Seeded rounds of gateways, backends and a store under faults, in virtual time, spread over the cores. A round that breaks
an invariant is named by its seed, with the command that runs it again; --events shows what was done to it.
--rounds      default 200
--seed        of the first round (default 1); a round is the same whatever others are run
--round-trip  between gateways and backends, ms, in every round (default: by the seed 1 to 5, 80 to 120 or 270 to 330)
--slow        in each round a backend answers 200 ms late for 10 s (default: in one of five)
--without     takes a rule away and counts the rounds that break: ${Object.keys(MUTATIONS).join(', ')}
--steady      overshoot, unused quota, refusals, waits and calls without faults, each with its verdict;
              --largest leaves out limits above it, which take minutes, and 10,000 callers at each of ten gateways
`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string' },
    'round-trip': { type: 'string' },
    slow: { type: 'boolean', default: false },
    without: { type: 'string' },
    steady: { type: 'boolean', default: false },
    largest: { type: 'string', default: '100000' },
    events: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});

/** Positive and whole; anything else ends the run with what would be right. */
function whole(name: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  process.stderr.write(`--${name} is a whole number from 1 on, not ${JSON.stringify(text)}\n`);
  process.exit(1);
}

const firstSeed = whole('seed', values.seed);
const threads = values.threads === undefined ? undefined : whole('threads', values.threads);

if (values.help) process.stdout.write(HELP);
else if (values.steady) finish(await printSteady(whole('largest', values.largest), values.json ?? null));
else if (values.without !== undefined) await runWithout(values.without);
else await runRounds(whole('rounds', values.rounds ?? '200'));

async function runWithout(rule: string): Promise<void> {
  const rules = Object.keys(MUTATIONS).filter(isMutation);
  const chosen = rule === 'all' ? rules : rules.filter((each) => each === rule);
  if (chosen.length === 0) {
    process.stderr.write(`no rule is called ${JSON.stringify(rule)}\n${HELP}`);
    process.exitCode = 1;
    return;
  }
  finish(await printWithout(chosen, whole('rounds', values.rounds ?? '40'), firstSeed));
}

async function runRounds(rounds: number): Promise<void> {
  const totals = new Map<string, number>();
  const failures: RoundSummary[] = [];
  const began = systemClock.monotonic();
  for await (const summary of summaries(rounds)) {
    for (const [name, value] of Object.entries(summary.numbers)) totals.set(name, (totals.get(name) ?? 0) + value);
    if (summary.violations.length > 0) failures.push(summary);
    report(summary);
  }
  const seconds = Math.round((systemClock.monotonic() - began) / 100) / 10;
  for (const [name, value] of totals) process.stdout.write(`${name.padEnd(24)}${value}\n`);
  process.stdout.write(`${'seconds'.padEnd(24)}${seconds}\n`);
  if (values.json !== undefined) {
    const failed = failures.map(({ seed, violations }) => ({ seed, violations }));
    const summary = { rounds, firstSeed, seconds, totals: Object.fromEntries(totals), failures: failed };
    writeFileSync(values.json, `${JSON.stringify(summary, null, 2)}\n`);
  }
  finish({ passed: rounds - failures.length, failed: failures.length });
}

async function* summaries(rounds: number): AsyncGenerator<RoundSummary> {
  const seeds = Array.from({ length: rounds }, (_, index) => firstSeed + index);
  const options = seeds.map((seed) => ({ ...roundOf(seed), ...network() }));
  if (rounds === 1) {
    // In this thread, where a debugger and its stack traces are.
    for (const each of options) yield summaryOf(await runRound(each));
    return;
  }
  for await (const result of runTasks(
    options.map((each) => ({ kind: 'round', options: each })),
    threads,
  )) {
    if (result.kind === 'round') yield result.summary;
  }
}

function network(): Partial<ReturnType<typeof slow>> {
  const middle = values['round-trip'] === undefined ? null : whole('round-trip', values['round-trip']);
  const roundTrip = middle === null ? null : ([0.9 * middle, 1.1 * middle] as const);
  if (values.slow) return slow(roundTrip ?? [1, 5]);
  return roundTrip === null ? {} : { roundTrip };
}

function report({ seed, violations, events }: RoundSummary): void {
  if (violations.length === 0) return;
  if (values.events) process.stdout.write(`${events.join('\n')}\n`);
  for (const { kind, text } of violations.slice(0, 3)) process.stdout.write(`seed ${seed}: ${kind} ${text}\n`);
  const again = [
    ...(values['round-trip'] === undefined ? [] : ['--round-trip', values['round-trip']]),
    ...(values.slow ? ['--slow'] : []),
  ];
  process.stdout.write(`  again: npm run simulate -- --rounds 1 --seed ${seed} --events ${again.join(' ')}\n`);
}

function finish({ passed, failed }: { readonly passed: number; readonly failed: number }): void {
  if (failed > 0) process.exitCode = 1;
  process.stdout.write(`simulation: ${passed} passed, ${failed} failed\n`);
}
