import { readFile } from 'node:fs/promises';

/** What is pinned where: candidates have a core for themselves, all the rest shares another. null: not pinned. */
export interface Cores {
  readonly candidate: number | null;
  readonly other: number | null;
}

/** Two of the cores that this process may use; on a machine with one, nothing is pinned. */
export async function pickCores(): Promise<Cores> {
  const status = await readFile('/proc/self/status', 'latin1');
  const [first, second] = allowed(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '');
  return second === undefined ? { candidate: null, other: null } : { candidate: first ?? null, other: second };
}

/** `0-3,8` → 0, 1, 2, 3, 8. */
function allowed(list: string): number[] {
  return list.split(',').flatMap((range) => {
    const [from = Number.NaN, to = from] = range.split('-').map(Number);
    return Number.isNaN(from) ? [] : Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
}

/** The words of a command that runs on one core. */
export function pinned(core: number | null, command: string, args: readonly string[]): [string, string[]] {
  return core === null ? [command, [...args]] : ['taskset', ['-c', String(core), command, ...args]];
}
