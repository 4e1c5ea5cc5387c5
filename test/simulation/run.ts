import { parseArgs } from 'node:util';
import { runRound } from './round.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    options: { type: 'string', default: '{}' },
    events: { type: 'boolean', default: false },
  },
});
const first = Number(values.seed);
let failed = 0;
const totals: Record<string, number> = {};
const began = performance.now();
for (let seed = first; seed < first + Number(values.rounds); seed += 1) {
  const result = await runRound({ seed, gateways: 1 + (seed % 5), ...JSON.parse(values.options) });
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
  if (values.events) console.log(result.events.join('\n'));
  console.log(
    `seed ${seed}:`,
    result.violations
      .slice(0, 3)
      .map(({ kind, text }) => `${kind} ${text}`)
      .join('\n   '),
  );
}
console.log(totals, `${((performance.now() - began) / 1000).toFixed(1)} s`);
console.log(`simulation: ${Number(values.rounds) - failed} passed, ${failed} failed`);
