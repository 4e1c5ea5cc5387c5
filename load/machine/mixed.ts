import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { packageRoot } from '../../shared/package-root.ts';
import { pinned } from './cores.ts';

const run = promisify(execFile);

const Mixed = Type.Object({ requests: Type.Number(), faults: Type.Number(), named: Type.Array(Type.String()) });
/** What the mixed load came to; `named`: the first faults. */
export type Mixed = Static<typeof Mixed>;
const check = Compile(Mixed);

export interface MixedRun {
  readonly port: number;
  /** Requests per second. */
  readonly rate: number;
  readonly seconds: number;
  /** Kept ones; most requests have one for themselves. */
  readonly connections: number;
  readonly core: number | null;
}

/** Runs the mixed load, in a process of its own. */
export async function generateMixed({ core, ...load }: MixedRun): Promise<Mixed> {
  const words = [join(packageRoot, 'dist/load/generator/mixed.js'), JSON.stringify(load)];
  const { stdout } = await run(...pinned(core, process.execPath, words), { timeout: (load.seconds + 60) * 1000 });
  const result: unknown = JSON.parse(stdout);
  if (!check.Check(result)) throw new Error(`the mixed load did not say what it saw: ${stdout.slice(0, 500)}`);
  return result;
}
