import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { unpackRedis } from './unpack.ts';

const run = promisify(execFile);

/** The oldest Redis whose scripts and commands we rely on. */
const MINIMUM_MAJOR = 7;

/** A redis-server that can be started: its path, and the libraries that an unpacked one needs. */
export interface RedisBinary {
  readonly path: string;
  readonly version: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Finds redis-server ≥ 7.0: on PATH, else unpacked below `cacheFolder` (once per machine), else unpacks it there from
 * the system's Debian packages, without root.
 *
 * @throws Error with one line that says what to install.
 */
export async function findRedis(cacheFolder: string, path: string = process.env['PATH'] ?? ''): Promise<RedisBinary> {
  const reasons: string[] = [];
  const installed = await onPath(path);
  if (installed !== null) {
    const binary = await inspect(installed, {});
    if (typeof binary !== 'string') return binary;
    reasons.push(binary);
  }
  const unpacked = await unpackRedis(cacheFolder);
  if ('path' in unpacked) {
    const binary = await inspect(unpacked.path, unpacked.env);
    if (typeof binary !== 'string') return binary;
    reasons.push(binary);
  } else {
    reasons.push(unpacked.reason);
  }
  throw new Error(`redis-server 7.0 or newer is needed: ${remedy()} (${reasons.join('; ')})`);
}

function remedy(): string {
  return process.platform === 'darwin' ? 'brew install redis' : 'sudo apt-get install redis-server';
}

async function onPath(path: string): Promise<string | null> {
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue;
    const candidate = join(folder, 'redis-server');
    try {
      await access(candidate, constants.X_OK);
      return candidate;
    } catch {
      continue;
    }
  }
  return null;
}

/** Starts it once for its version; a string says why it cannot be used. */
async function inspect(path: string, env: Record<string, string>): Promise<RedisBinary | string> {
  try {
    const { stdout } = await run(path, ['--version'], { env: { ...process.env, ...env }, timeout: 10_000 });
    const version = /v=(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
    if (version === undefined) return `${path} does not tell its version`;
    if (Number.parseInt(version, 10) < MINIMUM_MAJOR) return `${path} is ${version}`;
    return { path, version, env };
  } catch (error) {
    return `${path} does not start: ${firstLine(error)}`;
  }
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? '';
}
