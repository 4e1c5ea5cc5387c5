import { cpus, release } from 'node:os';
import { readFile } from 'node:fs/promises';

/** Time stolen by the hypervisor since boot, in ticks, and all time, over all cores. */
export async function stealTicks(): Promise<{ readonly stolen: number; readonly all: number }> {
  const line = (await readFile('/proc/stat', 'latin1')).split('\n', 1)[0] ?? '';
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  return { stolen: ticks[7] ?? 0, all: ticks.reduce((total, value) => total + value, 0) };
}

/** What the figures were taken on; no host name. */
export function machine(): {
  readonly node: string;
  readonly cores: number;
  readonly cpu: string;
  readonly kernel: string;
} {
  return { node: process.version, cores: cpus().length, cpu: cpus()[0]?.model ?? 'unknown', kernel: release() };
}
