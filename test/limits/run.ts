import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { stopAll } from '../harness/resources.ts';
import type { RowResult } from './judge.ts';
import { measure } from './measure.ts';
import { TABLES } from './rows.ts';
import type { Group } from './rows.ts';
import { startStage } from './stage.ts';
import { tableOf } from './table.ts';

const HELP = `npm run limits -- [--gateways N] [--limit L] [--demand D] [options]

Real gateways, a backend and a store; applications with a limit of L units a minute are asked for D × L units in each of
two windows, so that one window ends in the middle. Shows what was allowed, over the limit, left unused, refused, refused
while units were left ("early"), and how many requests waited for a lease; holds it against docs/guarantees.md. Where
that would be more than 1,000 requests a second, a request is worth more than one unit.

  --skew S       the n-th gateway gets 1/n^S of the first's share (default 1; 0: all the same)
  --change L2    the limit becomes L2 in the middle of the first window
  --kill         a gateway is killed (-9) in the middle of the first window
  --table NAME   without --limit: short (default), or full (limits from 1 to 100,000, demand up to 10; some 16 minutes)
  --store KIND   redis (default) or embedded
  --seconds S    of each window, before and after its end (default 20)
  --json FILE    write the results there
`;

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    gateways: { ...text, default: '2' },
    limit: text,
    demand: { ...text, default: '1.5' },
    skew: { ...text, default: '1' },
    change: text,
    kill: { type: 'boolean', default: false },
    table: { ...text, default: 'short' },
    store: { ...text, default: 'redis' },
    seconds: { ...text, default: '20' },
    json: text,
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const store = values.store === 'embedded' ? 'embedded' : 'redis';
  const results: RowResult[] = [];
  for (const group of groups()) {
    const stage = await startStage(group, store);
    try {
      results.push(...(await measure(stage, group, number('seconds', values.seconds))));
    } finally {
      await stopAll();
    }
  }
  process.stdout.write(tableOf(results));
  const failed = results.filter(({ problems }) => problems.length > 0).length;
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ results }, null, 2)}\n`);
  if (failed > 0) process.exitCode = 1;
  process.stdout.write(`limits: ${results.length - failed} passed, ${failed} failed\n`);
}

function groups(): readonly Group[] {
  if (values.limit === undefined) {
    const table = TABLES.get(values.table);
    if (table === undefined) throw new Error(`--table ${values.table}: one of ${[...TABLES.keys()].join(', ')}`);
    return table;
  }
  const row = {
    gateways: number('gateways', values.gateways),
    limit: number('limit', values.limit),
    demand: number('demand', values.demand),
    skew: number('skew', values.skew),
    change: values.change === undefined ? null : number('change', values.change),
    kill: values.kill,
  };
  return [[row]];
}

function number(name: string, given: string): number {
  const value = Number(given);
  if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} ${given}: a number from 0 on would be right`);
  return value;
}
