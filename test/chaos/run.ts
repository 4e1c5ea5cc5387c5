import { writeFile } from 'node:fs/promises';
import { stopAll } from '../harness/resources.ts';
import { ALL_FAULTS } from './faults/all.ts';
import type { Fault } from './faults/fault.ts';
import { isChosen, readOptions } from './options.ts';
import type { Options } from './options.ts';
import { provisionService } from './provision.ts';
import { seededRandom } from './random.ts';
import { playRound } from './round.ts';
import type { RoundResult } from './round.ts';
import { byRow, lineOf } from './summary.ts';
import { World } from './world.ts';

async function main(options: Options): Promise<number> {
  const { rounds, seed, store, gateways, rows, json } = options;
  const faults = ALL_FAULTS.filter((fault) => fault.stores.includes(store) && isChosen(fault, rows));
  if (faults.length === 0) throw new Error(`no fault of rows ${rows ?? ''} happens to the ${store} store`);
  console.log(`chaos: ${rounds} rounds, seed ${seed}, ${store}, ${gateways} gateways, ${faults.length} faults`);
  const world = await World.start({ ...options, random: seededRandom(seed) });
  const results: RoundResult[] = [];
  try {
    await provisionService(world.backendPort);
    for (const node of world.gateways) await world.startGateway(node);
    console.log(`chaos: limits: ${await world.limits()}`);
    for (let round = 0; round < rounds; round++) {
      const random = seededRandom(seed + round);
      const result = await playRound(
        world,
        round,
        pair(faults, seed + round, random.pick(faults)),
        random,
        options.clients,
      );
      results.push(result);
      console.log(lineOf(seed + round, result));
    }
  } finally {
    await world.stop();
    await stopAll();
  }
  if (json !== null) await writeFile(json, JSON.stringify({ seed, store, results, byRow: byRow(results) }, null, 1));
  const failed = results.filter(({ exceptions }) => exceptions.length > 0).length;
  console.table(byRow(results));
  console.log(`chaos: ${results.length - failed} passed, ${failed} failed`);
  return failed === 0 && results.length > 0 ? 0 : 1;
}

/** Each fault comes first in some round, in turn by the round's seed; the second of a round is drawn. */
function pair(faults: readonly Fault[], seed: number, second: Fault): Fault[] {
  const first = faults[seed % faults.length];
  if (first === undefined) throw new Error('no faults');
  return first === second ? [first] : [first, second];
}

const options = readOptions(process.argv.slice(2));
if (typeof options === 'string') console.log(options);
else process.exitCode = await main(options);
