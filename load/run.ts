import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { peerTools } from './machine/debian.ts';
import type { Report } from './report.ts';
import { publish } from './report.ts';
import { bodies } from './scenarios/bodies.ts';
import { gatewayCost } from './scenarios/gateway.ts';
import { addedLatency } from './scenarios/latency.ts';
import { idleMemory } from './scenarios/memory.ts';
import type { ScenarioOptions } from './stage.ts';

const SCENARIOS: Readonly<Record<string, (options: ScenarioOptions) => Promise<Report>>> = {
  gateway: gatewayCost,
  latency: addedLatency,
  bodies,
  memory: idleMemory,
};

const HELP = `npm run load -- SCENARIO [options]

Runs a benchmark beside its peers and writes load/results/SCENARIO.md and .json.

Scenarios:
  gateway    CPU time per request beside nginx plain, nginx + Lua, HAProxy, node:http + undici
  latency    latency added over the upstream alone, open loop, at 20 % and 60 % of the maximum
  bodies     throughput of responses of 1 MB beside nginx
  memory     resident memory with 10, 1,000 and 10,000 idle connections

Options:
  --rounds N        interleaved rounds (default 5)
  --seconds S       seconds per round (default 5)
  --connections C   connections of the generator (default 50)
  --applications A  known callers (default 1)
  --rules R         mapping rules (default 1)
`;

const OPTIONS = {
  rounds: { type: 'string', default: '5' },
  seconds: { type: 'string', default: '5' },
  connections: { type: 'string', default: '50' },
  applications: { type: 'string', default: '1' },
  rules: { type: 'string', default: '1' },
  help: { type: 'boolean', default: false },
} as const;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS });
  const scenario = SCENARIOS[positionals[0] ?? ''];
  if (values.help || scenario === undefined) {
    console.log(HELP);
    return values.help ? 0 : 1;
  }
  const folder = await mkdtemp(join(tmpdir(), 'tallygate-load-'));
  try {
    const report = await scenario({
      tools: await peerTools(),
      folder,
      rounds: Number(values.rounds),
      seconds: Number(values.seconds),
      connections: Number(values.connections),
      applications: Number(values.applications),
      rules: Number(values.rules),
      progress: (line) => console.log(line),
    });
    await publish(report);
    const passed = report.verdicts.filter((verdict) => verdict.passed).length;
    const failed = report.verdicts.length - passed;
    console.log(`load: ${passed} passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main();
