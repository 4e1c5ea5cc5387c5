import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../shared/clock.ts';
import { writeTables } from './documents.ts';
import { pickCores } from './machine/cores.ts';
import { peerTools } from './machine/debian.ts';
import { publish, storedReports } from './report.ts';
import { SCENARIOS } from './scenarios/catalogue.ts';
import type { Scenario } from './scenarios/catalogue.ts';
import type { Verdict } from './verdict.ts';

const HELP = `npm run load -- SCENARIO [options]

Runs a benchmark beside its peers and writes load/results/SCENARIO.md and .json.

Scenarios:
${SCENARIOS.map(({ name, help }) => `  ${name.padEnd(14)}${help}`).join('\n')}
  ${'all'.padEnd(14)}all of these except ci, then \`tables\`: half an hour; with --quick six minutes
  ${'tables'.padEnd(14)}writes the tables of load/results/ into README.md and docs/performance.md

Options:
  --quick           fewer and shorter rounds
  --rounds N        interleaved rounds
  --seconds S       seconds per round
  --connections C   connections of the generator (default 50)
`;

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  connections: { type: 'string', default: '50' },
  help: { type: 'boolean', default: false },
} as const;

interface Flags {
  readonly quick: boolean;
  readonly rounds?: string;
  readonly seconds?: string;
  readonly connections: string;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS });
  const [wanted = ''] = positionals;
  const scenarios = SCENARIOS.filter(({ name, published }) => (wanted === 'all' ? published : name === wanted));
  if (values.help || (scenarios.length === 0 && wanted !== 'tables')) {
    console.log(HELP);
    return values.help ? 0 : 1;
  }
  const verdicts: Verdict[] = [];
  for (const scenario of scenarios) verdicts.push(...(await run(scenario, values)));
  if (wanted === 'all' || wanted === 'tables') await writeTables(await publishedReports());
  const failed = verdicts.filter(({ passed }) => !passed).length;
  console.log(`load: ${verdicts.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function run(scenario: Scenario, flags: Flags): Promise<readonly Verdict[]> {
  const { name, peers, quick, usual } = scenario;
  const length = flags.quick ? quick : usual;
  const rounds = positive('rounds', flags.rounds ?? length.rounds);
  const seconds = positive('seconds', flags.seconds ?? length.seconds);
  const connections = positive('connections', flags.connections);
  const folder = await mkdtemp(join(tmpdir(), 'tallygate-load-'));
  // nginx that is started by root reads its files as another user.
  await chmod(folder, 0o755);
  try {
    const report = await scenario.run({
      tools: peers ? await peerTools() : null,
      folder,
      cores: await pickCores(),
      rounds,
      seconds,
      connections,
      progress: (line) => console.log(line),
    });
    const command = `npm run load -- ${name} --rounds ${rounds} --seconds ${seconds} --connections ${connections}`;
    await publish(report, { name, command, date: new Date(systemClock.now()).toISOString().slice(0, 10) });
    return report.verdicts;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The results of what `all` makes, in its order. */
async function publishedReports(): ReturnType<typeof storedReports> {
  const stored = await storedReports();
  const names = SCENARIOS.filter(({ published }) => published).map(({ name }) => name);
  return new Map(names.flatMap((name) => [stored.get(name) ?? []].flat().map((report) => [name, report] as const)));
}

function positive(name: string, value: string | number): number {
  const number = Number(value);
  if (!(number > 0)) throw new Error(`--${name} ${value}: a number above 0 is needed`);
  return number;
}

// What was started ends with this process, whatever ends it; each waits for that.
process.setMaxListeners(1_000);
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
process.exitCode = await main();
