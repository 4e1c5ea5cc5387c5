import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../shared/package-root.ts';

const run = promisify(execFile);

/** What the open-loop generator saw, in microseconds. */
export interface OpenLoopResult {
  readonly sent: number;
  readonly answered: number;
  readonly errors: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly cpuMicrosecondsPerRequest: number;
}

export interface OpenLoopRun {
  readonly url: string;
  /** Requests per second. */
  readonly rate: number;
  readonly seconds: number;
  readonly connections: number;
  readonly core: number;
}

/** Sends at a fixed rate, in a process of its own, and takes the latencies from the intended times. */
export async function openLoop({ url, rate, seconds, connections, core }: OpenLoopRun): Promise<OpenLoopResult> {
  const { port, pathname, search } = new URL(url);
  const script = join(packageRoot, 'dist/load/generator/main.js');
  const args = [port, pathname + search, rate, seconds, connections].map(String);
  const { stdout } = await run('taskset', ['-c', String(core), process.execPath, script, ...args], {
    timeout: (seconds + 30) * 1000,
  });
  return parse(stdout);
}

function parse(text: string): OpenLoopResult {
  const value: unknown = JSON.parse(text);
  const figures = new Map(Object.entries(value ?? {}));
  const figure = (name: string): number => {
    const found: unknown = figures.get(name);
    if (typeof found !== 'number') throw new Error(`the generator did not say ${name}: ${text.slice(0, 200)}`);
    return found;
  };
  return {
    sent: figure('sent'),
    answered: figure('answered'),
    errors: figure('errors'),
    p50: figure('p50'),
    p95: figure('p95'),
    p99: figure('p99'),
    cpuMicrosecondsPerRequest: figure('cpuMicrosecondsPerRequest'),
  };
}
