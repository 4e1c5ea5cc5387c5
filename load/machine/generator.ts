import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { packageRoot } from '../../shared/package-root.ts';
import { pinned } from './cores.ts';
import type { Target } from '../peers/setup.ts';

const run = promisify(execFile);

const Result = Type.Object({
  answered: Type.Number({ exclusiveMinimum: 0 }),
  errors: Type.Number(),
  fault: Type.String(),
  perSecond: Type.Number(),
  p50: Type.Number(),
  p95: Type.Number(),
  p99: Type.Number(),
  cpu: Type.Number(),
});
const check = Compile(Result);

/** What our own generator saw; times in microseconds. */
export interface Generated {
  /** With those of the lead-in. */
  readonly answered: number;
  readonly errors: number;
  /** The first thing that went wrong; empty: nothing. */
  readonly fault: string;
  readonly perSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** CPU time of the generator per request. */
  readonly cpu: number;
}

export interface GeneratorRun {
  readonly port: number;
  /** Asked for in turn. */
  readonly targets: readonly Target[];
  readonly status: number;
  /** Requests per second at times fixed in advance; null: each connection sends its next request when it has its answer. */
  readonly rate: number | null;
  /** Seconds of the same load before anything is taken: the generator is compiled by then, and leases have their size. */
  readonly leadIn: number;
  readonly seconds: number;
  readonly connections: number;
  /** null: any. */
  readonly core: number | null;
  /** Runs at the lowest priority, beside something that is measured. */
  readonly givesWay?: boolean;
}

/** Runs our own generator, in a process of its own. */
export async function generate({ core, givesWay = false, ...load }: GeneratorRun): Promise<Generated> {
  const words = [join(packageRoot, 'dist/load/generator/main.js'), JSON.stringify(load)];
  const [command, args] = pinned(core, process.execPath, words);
  const started: [string, string[]] = givesWay ? ['nice', ['-n', '19', command, ...args]] : [command, args];
  const { stdout } = await run(...started, { timeout: (load.leadIn + load.seconds + 30) * 1000 });
  const result: unknown = JSON.parse(stdout);
  if (!check.Check(result)) throw new Error(`the generator did not say what it saw: ${stdout.slice(0, 500)}`);
  return result;
}
