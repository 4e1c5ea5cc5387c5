import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../../shared/package-root.ts';
import { stopAll } from '../harness/resources.ts';
import { readCases } from './case.ts';
import { Client } from './client.ts';
import { withDifferences } from './differences.ts';
import { startStack } from './processes.ts';
import { runCase } from './run-case.ts';

const USAGE = `Usage: npm run conformance -- [--store redis|embedded] [--processes N] [--cases FILE] [--only REGEX] [--json FILE] [-v]

Starts the backend and compares its answers with recorded ones of the 3scale backend.
  --store       what it stores in; redis (the default) starts a private redis-server
  --processes N backend processes that the requests go to in turn; above 1 with a separate worker
  --port PORT   a running backend with the test control, instead of starting one; may be given several times
  --cases FILE  cases to run instead of test/conformance/cases.json
  --only REGEX  cases whose id or group matches
  --json FILE   write the result of each case
  -v            print everything that is wrong with a failed case
`;

interface Result {
  readonly id: string;
  readonly passed: boolean;
  readonly faults: readonly string[];
}

/** Faults that are printed of a failed case without -v. */
const FEW = 3;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      store: { type: 'string', default: 'redis' },
      processes: { type: 'string', default: '1' },
      port: { type: 'string', multiple: true },
      cases: { type: 'string', default: join(packageRoot, 'test/conformance/cases.json') },
      only: { type: 'string' },
      json: { type: 'string' },
      verbose: { type: 'boolean', short: 'v', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const { store } = values;
  if (store !== 'redis' && store !== 'embedded') throw new Error(`--store ${store}: use redis or embedded`);
  const only = values.only === undefined ? null : new RegExp(values.only);
  const chosen = readCases(values.cases).filter(({ id, group }) => only === null || only.test(id) || only.test(group));
  const ports = values.port?.map(Number) ?? (await startStack({ store, processes: Number(values.processes) }));
  const client = new Client(ports);
  const results: Result[] = [];
  for (const recorded of chosen) {
    const faults = await runCase(client, withDifferences(recorded));
    results.push({ id: recorded.id, passed: faults.length === 0, faults });
    if (faults.length > 0) console.log(`failed ${recorded.id}`);
    for (const fault of values.verbose ? faults : faults.slice(0, FEW)) console.log(`  ${fault}`);
  }
  client.close();
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 1)}\n`);
  const failed = results.filter(({ passed }) => !passed).length;
  console.log(`conformance: ${results.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
} finally {
  await stopAll();
}
