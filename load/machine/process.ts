import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { systemClock } from '../../shared/clock.ts';
import { pinned } from './cores.ts';

/** Linux counts a process's CPU time in ticks of 10 ms. */
const TICK_MICROSECONDS = 10_000;

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Core that it is pinned to; null: any. */
  readonly core: number | null;
  /** A line of its output that says that it is ready, or the port on 127.0.0.1 that it then accepts on; null: ready at once. */
  readonly ready: RegExp | number | null;
}

/** A started process with what it costs. Its children count as its own. */
export interface Running {
  readonly pid: number;
  readonly output: () => string;
  /** CPU time so far of the process and its descendants, in microseconds. */
  cpu(): Promise<number>;
  /** Resident memory of the process and its descendants, in bytes. */
  memory(): Promise<number>;
  signal(name: NodeJS.Signals): void;
  stop(): Promise<void>;
}

export async function launch({ command, args, env, core, ready }: Launch): Promise<Running> {
  const child = spawn(...pinned(core, command, args), {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(-100_000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = once(child, 'exit');
  const leaveNone = (): void => void child.kill('SIGKILL');
  process.once('exit', leaveNone);
  child.once('exit', () => process.off('exit', leaveNone));
  if (ready !== null) await untilReady(child, ready, () => output, command);
  const pid = child.pid ?? 0;
  return {
    pid,
    output: () => output,
    cpu: async () => (await sum(pid, (stat) => Number(stat[11]) + Number(stat[12]))) * TICK_MICROSECONDS,
    memory: async () => (await sum(pid, (stat) => Number(stat[21]))) * 4096,
    signal: (name) => void child.kill(name),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const timer = systemClock.after(5_000, () => child.kill('SIGKILL'));
      await ended;
      timer.cancel();
    },
  };
}

async function untilReady(
  child: ChildProcess,
  ready: RegExp | number,
  output: () => string,
  command: string,
): Promise<void> {
  const deadline = systemClock.monotonic() + 20_000;
  while (!(typeof ready === 'number' ? await accepts(ready) : ready.test(output()))) {
    if (child.exitCode !== null) throw new Error(`${command} ended before it was ready: ${output().slice(-2000)}`);
    if (systemClock.monotonic() > deadline)
      throw new Error(`${command} was not ready within 20 s: ${output().slice(-2000)}`);
    await pause(20);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void systemClock.after(ms, resolve));
}

/** Adds up a figure of /proc/PID/stat (fields counted after the command name) over a process and its descendants. */
async function sum(root: number, figure: (stat: readonly string[]) => number): Promise<number> {
  const stats = new Map<number, readonly string[]>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const text = await readFile(`/proc/${name}/stat`, 'latin1').catch(() => null);
    if (text !== null) stats.set(Number(name), text.slice(text.lastIndexOf(')') + 2).split(' '));
  }
  let total = 0;
  for (const [pid, stat] of stats) {
    let at: number | undefined = pid;
    while (at !== undefined && at !== root && at > 1) at = Number(stats.get(at)?.[1]);
    if (at === root) total += figure(stat);
  }
  return total;
}
