import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { stopAll } from '../harness/resources.ts';
import type { Fault } from './fault.ts';
import { BACKEND_FAULTS } from './faults-backend.ts';
import { GATEWAY_FAULTS } from './faults-gateway.ts';
import { REDIS_FAULTS } from './faults-redis.ts';
import { provisionService } from './provision.ts';
import { seededRandom } from './random.ts';
import { playRound } from './round.ts';
import type { RoundResult } from './round.ts';
import { World } from './world.ts';

const HELP = `npm run chaos -- [options]

Real gateways, backend, worker and Redis under traffic, with processes killed and links broken at random points. Clients
and upstream keep ledgers; after each round they are held against what the backend counted.

  --rounds N     rounds (default 10)
  --seed S       the first round's seed (default: random, printed)
  --store KIND   redis (default) or embedded
  --mode MODE    reporting mode of the gateways (default leased)
  --gateways N   gateways (default 2)
  --rows LIST    only faults of these rows of the fault matrix, such as 1,19-24
  --json FILE    write the results there
`;

const ALL_FAULTS: readonly Fault[] = [...GATEWAY_FAULTS, ...BACKEND_FAULTS, ...REDIS_FAULTS];

const OPTIONS = {
  rounds: { type: 'string', default: '10' },
  seed: { type: 'string' },
  store: { type: 'string', default: 'redis' },
  mode: { type: 'string', default: 'leased' },
  gateways: { type: 'string', default: '2' },
  rows: { type: 'string' },
  json: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const store = values.store === 'embedded' ? 'embedded' : 'redis';
  const seed = values.seed === undefined ? randomInt(1_000_000) : Number(values.seed);
  const faults = ALL_FAULTS.filter((fault) => fault.stores.includes(store) && chosen(fault, values.rows));
  if (faults.length === 0) throw new Error(`no fault of rows ${values.rows ?? ''} happens to the ${store} store`);
  console.log(
    `chaos: ${values.rounds} rounds, seed ${seed}, ${store}, ${values.gateways} gateways, ${faults.length} faults`,
  );
  const world = await World.start({
    store,
    gateways: Number(values.gateways),
    mode: values.mode,
    random: seededRandom(seed),
  });
  const results: RoundResult[] = [];
  try {
    await provisionService(world.backendPort);
    for (const node of world.gateways) await world.startGateway(node);
    for (let round = 0; round < Number(values.rounds); round++) {
      const random = seededRandom(seed + round);
      const chosenFaults = [nth(faults, round), random.pick(faults)];
      const result = await playRound(world, round, chosenFaults, random);
      results.push(result);
      console.log(line(seed + round, result));
    }
  } finally {
    await world.stop();
    await stopAll();
  }
  if (values.json !== undefined) await writeFile(values.json, JSON.stringify({ seed, store, results }, null, 1));
  return summary(results);
}

/** Each fault comes first in some round, in turn; the second of a round is drawn. */
function nth(faults: readonly Fault[], round: number): Fault {
  const fault = faults[round % faults.length];
  if (fault === undefined) throw new Error('no faults');
  return fault;
}

function chosen(fault: Fault, rows: string | undefined): boolean {
  if (rows === undefined) return true;
  return rows.split(',').some((part) => {
    const [from = 0, to = from] = part.split('-').map(Number);
    return fault.rows.some((row) => row >= from && row <= to);
  });
}

function line(seed: number, result: RoundResult): string {
  const { faults, sent, served, counted, refused, outages, slowestMs, exceptions } = result;
  const figures = `sent ${sent}, served ${served}, counted ${counted}, refused ${refused}, outages ${outages}, slowest ${slowestMs} ms`;
  const verdict = exceptions.length === 0 ? 'ok  ' : 'FAIL';
  return [
    `${verdict} seed ${seed}: ${faults.join(' + ')}: ${figures}`,
    ...exceptions.map((text) => `       ${text}`),
  ].join('\n');
}

function summary(results: readonly RoundResult[]): number {
  const failed = results.filter(({ exceptions }) => exceptions.length > 0).length;
  const total = (of: (result: RoundResult) => number): number => results.reduce((sum, result) => sum + of(result), 0);
  console.table({
    sent: total(({ sent }) => sent),
    served: total(({ served }) => served),
    counted: total(({ counted }) => counted),
    refused: total(({ refused }) => refused),
    outages: total(({ outages }) => outages),
  });
  console.log(`chaos: ${results.length - failed} passed, ${failed} failed`);
  return failed === 0 && results.length > 0 ? 0 : 1;
}

process.exitCode = await main();
