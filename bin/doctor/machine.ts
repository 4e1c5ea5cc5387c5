import { readFile } from 'node:fs/promises';
import { ok, warning } from './finding.ts';
import type { Finding } from './finding.ts';

/** Node.js itself, and how many files the process may have open. */
export async function machineFindings(connections: number): Promise<Finding[]> {
  const runtime = ok('node', `${process.version} on ${process.platform} ${process.arch}`);
  const limit = await openFilesLimit();
  if (limit === null) return [runtime];
  // Each client connection may need one to the upstream.
  const needed = connections * 2;
  if (limit >= needed) return [runtime, ok('open files', `${limit} allowed`)];
  const remedy = `raise it (ulimit -n ${needed}, LimitNOFILE= of systemd, ulimits of the container), or lower the number of connections`;
  return [runtime, warning('open files', `${limit} allowed, ${connections} connections need ${needed}`, remedy)];
}

/** The soft limit; null where the system does not tell. */
async function openFilesLimit(): Promise<number | null> {
  try {
    const limits = await readFile('/proc/self/limits', 'utf8');
    const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
    return soft === undefined ? null : Number(soft);
  } catch {
    return null;
  }
}
