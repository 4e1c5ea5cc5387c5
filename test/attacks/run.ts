import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../../shared/package-root.ts';
import { isSlow, readCases } from './attack-case.ts';
import { startGateway } from './gateway.ts';
import { RecordingUpstream } from './recorder.ts';
import { canary, runCase } from './run-case.ts';
import type { CaseResult } from './run-case.ts';

const USAGE = `Usage: npm run attacks -- [--cases FILE] [--slow] [--only REGEX] [--pipelining N] [--json FILE] [-v]

Starts the gateway before a recording upstream and runs attack cases against it.
  --cases FILE  cases to run instead of test/attacks/cases.json
  --slow        the cases that end by a time-out (2 s), instead of the others
  --only REGEX  cases whose name or category matches, slow ones too
  --pipelining N  up to N requests under way on an upstream connection (1)
  --json FILE   write the result of each case
  -v            print what is wrong with each case that failed
`;
/** Time-outs of the gateway, ms. Short also without --slow, since --only can name slow cases. */
const TIMEOUT = 2_000;
const PROOFS = 400;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      cases: { type: 'string', default: join(packageRoot, 'test/attacks/cases.json') },
      slow: { type: 'boolean', default: false },
      only: { type: 'string' },
      pipelining: { type: 'string', default: '1' },
      json: { type: 'string' },
      verbose: { type: 'boolean', short: 'v', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const only = values.only === undefined ? null : new RegExp(values.only);
  const chosen = readCases(values.cases).filter((attack) =>
    only === null ? isSlow(attack) === values.slow : only.test(attack.name) || only.test(attack.category),
  );
  const upstream = new RecordingUpstream();
  await upstream.listen();
  const pipelining = Number(values.pipelining);
  const gateway = await startGateway(upstream.port, { timeout: TIMEOUT, pipelining });
  const arena = { port: gateway.port, upstream, timeout: TIMEOUT, canaries: pipelining === 1 ? 2 : 2 * pipelining };
  // What a gateway must see of an upstream before it pipelines.
  for (let i = 0; pipelining > 1 && i < PROOFS; i++) await canary(gateway.port);
  const results: CaseResult[] = [];
  for (const attack of chosen) results.push(await runCase(attack, arena));
  await gateway.stop();
  await upstream.close();
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 1)}\n`);
  return report(results, values.verbose);
}

function report(results: readonly CaseResult[], verbose: boolean): number {
  const table = new Map<string, { passed: number; failed: number }>();
  for (const result of results) {
    const row = table.get(result.category) ?? { passed: 0, failed: 0 };
    row[result.passed ? 'passed' : 'failed']++;
    table.set(result.category, row);
  }
  console.table(Object.fromEntries(table));
  const failed = results.filter((result) => !result.passed);
  for (const { name, got, closed, forwarded, faults } of verbose ? failed : []) {
    console.log(`${name}: got ${got}, ${closed ? 'closed' : 'open'}, ${forwarded} forwarded: ${faults.join('; ')}`);
  }
  console.log(`attacks: ${results.length - failed.length} passed, ${failed.length} failed`);
  return failed.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
