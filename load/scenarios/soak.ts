import { HEAP_PROBE, collectedHeap } from '../machine/heap.ts';
import { generateMixed } from '../machine/mixed.ts';
import type { Mixed } from '../machine/mixed.ts';
import { pause } from '../machine/process.ts';
import { CALLERS } from '../generator/mix.ts';
import type { Started } from '../peers/candidate.ts';
import { ONE_CALLER } from '../peers/setup.ts';
import { tallygate } from '../peers/tallygate.ts';
import type { Report } from '../report.ts';
import { withStage } from '../stage.ts';
import type { ScenarioOptions } from '../stage.ts';
import { atMost } from '../verdict.ts';

const MEGABYTE = 1_000_000;
/** Requests per second: far from saturation, so that a leak shows and not a queue. */
const RATE = 400;
/** Between the end of a part and the look at its memory, ms. */
const SETTLE = 2_000;

/** The gateway after a part of the load. Bytes. */
interface Sample extends Mixed {
  readonly rss: number;
  readonly heap: number;
  readonly buffers: number;
}

/** Memory of the gateway under mixed load with aborts: `rounds` parts of `seconds`, the last held against the first. */
export function soak(options: ScenarioOptions): Promise<Report> {
  const ours = tallygate({ ...ONE_CALLER, applications: CALLERS }, { node: HEAP_PROBE });
  return withStage(
    () => [ours],
    options,
    async (started) => {
      const samples: Sample[] = [];
      for (let part = 0; part < options.rounds; part++) {
        for (const { candidate } of started) samples.push(await play(candidate, options));
        const { requests, rss, heap } = samples.at(-1) ?? { requests: 0, rss: 0, heap: 0 };
        options.progress(
          `part ${part + 1}/${options.rounds}: ${requests} requests, RSS ${mb(rss)} MB, heap ${mb(heap)} MB`,
        );
      }
      return report(samples, options);
    },
  );
}

async function play({ port, process }: Started, { seconds, connections, cores }: ScenarioOptions): Promise<Sample> {
  const mixed = await generateMixed({ port, rate: RATE, seconds, connections, core: cores.other });
  await pause(SETTLE);
  const { heapUsed, arrayBuffers } = await collectedHeap(process);
  return { ...mixed, rss: await process.memory(), heap: heapUsed, buffers: arrayBuffers };
}

function report(samples: readonly Sample[], { rounds, seconds }: ScenarioOptions): Report {
  const [first] = samples;
  const last = samples.at(-1);
  const grown = (figure: 'rss' | 'heap'): number => ((last?.[figure] ?? NaN) - (first?.[figure] ?? NaN)) / MEGABYTE;
  const sum = (figure: 'faults' | 'requests'): number => samples.reduce((total, sample) => total + sample[figure], 0);
  const faults = sum('faults');
  const requests = sum('requests');
  const named = samples.flatMap((sample) => sample.named).slice(0, 5);
  const span = `after ${(rounds * seconds) / 60} min against after ${seconds / 60} min`;
  return {
    title: 'Memory under mixed load with aborts',
    columns: ['after, s', 'requests so far', 'RSS, MB', 'heap after a collection, MB', 'buffers, MB'],
    rows: samples.map(({ rss, heap, buffers }, part) => [
      String((part + 1) * seconds),
      String(samples.slice(0, part + 1).reduce((total, { requests }) => total + requests, 0)),
      mb(rss),
      mb(heap),
      mb(buffers),
    ]),
    verdicts: [
      atMost(`RSS ${span}, MB more`, grown('rss'), 15),
      atMost(`heap ${span}, MB more`, grown('heap'), 2),
      atMost('unexpected answers under mixed load, %', (100 * faults) / requests, 0.1),
    ],
    notes: [
      `${RATE} requests/s: kept connections, connections for one request, bodies with length and chunked, answers of 1 MB, unknown keys, paths without a rule, malformed heads; a quarter of the requests is left by the client: in the head, in a body, while it waits, in the answer.`,
      ...named.map((fault) => `Unexpected: ${fault}`),
    ],
    raw: samples,
  };
}

function mb(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(1);
}
