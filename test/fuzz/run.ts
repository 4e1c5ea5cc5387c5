import { parseArgs } from 'node:util';
import { systemClock } from '../../shared/clock.ts';
import { fuzz } from './fuzz.ts';

const USAGE = `Usage: npm run fuzz -- [--count N] [--seed S]

Reads N mutated messages (default 1000000) with the gateway's parsers and with llhttp, and prints every input that the
gateway accepts and llhttp refuses or reads otherwise. The same seed (default 1) gives the same inputs.
`;
const SHOWN = 20;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const count = Number(values.count);
  const seed = Number(values.seed);
  if (values.help || !(Number.isSafeInteger(count) && count > 0 && Number.isSafeInteger(seed))) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  const started = systemClock.monotonic();
  const result = await fuzz(count, seed, (done) => {
    if (done % 1_000_000 === 0) console.log(`${done} inputs, ${seconds(started)} s`);
  });
  for (const { kind, what, input } of result.findings.slice(0, SHOWN)) {
    console.log(`${kind}: ${what}\n  ${JSON.stringify(input)}`);
  }
  for (const [reason, times] of result.explained) console.log(`explained ${times} times: ${reason}`);
  console.log(`seed ${seed}: ${result.inputs} inputs, ${result.accepted} accepted, ${seconds(started)} s`);
  const failed = result.findings.length;
  console.log(`fuzz: ${result.inputs - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

function seconds(since: number): string {
  return ((systemClock.monotonic() - since) / 1_000).toFixed(1);
}

process.exitCode = await main();
