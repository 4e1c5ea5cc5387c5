import { parseArgs } from 'node:util';
import { CALM, MUTATIONS, STORMY } from './options.ts';
import type { Mutation, RoundOptions } from './options.ts';
import { runRound } from './round.ts';
import * as runSteady from './steady.ts';

const HELP = `Usage: npm run simulate -- [--rounds N] [--seed S] [--round-trip MS] [--without RULE] [--calm] [--events] [--json FILE]
       npm run simulate -- --steady

Seeded rounds of gateways, backends and a store under faults, in one process and virtual time. A round that breaks an
invariant is named by its seed: --rounds 1 --seed S --events shows what was done to it.
--without takes a rule of the protocol away: ${Object.keys(MUTATIONS).join(', ')}.
--steady measures waits, refusals and unused quota without faults.`;
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    'round-trip': { type: 'string', default: '' },
    without: { type: 'string', default: '' },
    options: { type: 'string', default: '{}' },
    events: { type: 'boolean', default: false },
  },
});
void CALM;
void STORMY;
void runSteady;
void HELP;
const first = Number(values.seed);
const rt =
  values['round-trip'] === ''
    ? {}
    : { roundTrip: [0.9 * Number(values['round-trip']), 1.1 * Number(values['round-trip'])] as const };
let failed = 0;
const totals: Record<string, number> = {};
const kinds: Record<string, number> = {};
const began = performance.now();
for (let seed = first; seed < first + Number(values.rounds); seed += 1) {
  const extra: Partial<RoundOptions> = JSON.parse(values.options);
  const result = await runRound({
    seed,
    gateways: 1 + (seed % 5),
    ...rt,
    ...extra,
    without: values.without === '' ? null : (values.without as Mutation),
  });
  const { figures } = result;
  for (const [name, value] of Object.entries({
    ...figures,
    ...figures.calls,
    steps: result.steps,
    failovers: result.failovers,
  }))
    if (typeof value === 'number') totals[name] = (totals[name] ?? 0) + value;
  if (result.violations.length === 0) continue;
  failed += 1;
  for (const kind of new Set(result.violations.map((v) => v.kind))) kinds[kind] = (kinds[kind] ?? 0) + 1;
  if (values.events) console.log(result.events.join('\n'));
  if (failed < 12)
    console.log(
      `seed ${seed}:`,
      result.violations
        .slice(0, 3)
        .map(({ kind, text }) => `${kind} ${text}`)
        .join('\n   '),
    );
}
console.log(totals, kinds, `${((performance.now() - began) / 1000).toFixed(1)} s`);
console.log(`simulation: ${Number(values.rounds) - failed} passed, ${failed} failed`);
