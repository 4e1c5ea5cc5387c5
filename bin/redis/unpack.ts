import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Longest wait for one call of apt-get or dpkg, ms. */
const STEP_TIMEOUT = 120_000;

export type Unpacked = { readonly path: string; readonly env: Record<string, string> } | { readonly reason: string };

/**
 * Unpacks the system's Debian package of redis-server, and those of its libraries that are not installed, below
 * `cacheFolder`. Nothing is installed and root is not needed: apt keeps its state in the same folder.
 */
export async function unpackRedis(cacheFolder: string): Promise<Unpacked> {
  const root = join(cacheFolder, 'root');
  if (!existsSync(join(root, 'usr/bin/redis-server'))) {
    try {
      await unpackInto(cacheFolder, root);
    } catch (error) {
      const text = String(error instanceof Error ? error.message : error);
      return { reason: `it could not be unpacked with apt-get: ${text.trim().split('\n').at(-1) ?? ''}` };
    }
  }
  return { path: join(root, 'usr/bin/redis-server'), env: { LD_LIBRARY_PATH: await libraryFolders(root) } };
}

/** Works in a folder of its own and renames it at the end, so that processes that do this together do not meet. */
async function unpackInto(cacheFolder: string, root: string): Promise<void> {
  await mkdir(cacheFolder, { recursive: true });
  const work = await mkdtemp(join(cacheFolder, 'unpack-'));
  try {
    const packages = join(work, 'packages');
    const unpacked = join(work, 'root');
    for (const folder of [packages, unpacked, join(work, 'lists/partial'), join(work, 'cache/archives/partial')]) {
      await mkdir(folder, { recursive: true });
    }
    await download(work, packages);
    for (const name of await readdir(packages)) {
      await run('dpkg', ['-x', join(packages, name), unpacked], { timeout: STEP_TIMEOUT });
    }
    await rename(unpacked, root).catch((error: unknown) => {
      if (!existsSync(root)) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function download(work: string, packages: string): Promise<void> {
  const privateState = [
    `Dir::State::lists=${join(work, 'lists')}`,
    `Dir::Cache=${join(work, 'cache')}`,
    'APT::Sandbox::User=',
    'Debug::NoLocking=1',
  ].flatMap((setting) => ['-o', setting]);
  const apt = (...args: string[]): Promise<{ stdout: string }> =>
    run('apt-get', [...privateState, ...args], {
      cwd: packages,
      timeout: STEP_TIMEOUT,
      env: { ...process.env, LC_ALL: 'C' },
    });

  await apt('-qq', 'update');
  const plan = await apt('-s', '--no-install-recommends', 'install', 'redis-server');
  const missing = Array.from(plan.stdout.matchAll(/^Inst (\S+)/gm), (match) => match[1] ?? '');
  const names = new Set(['redis-server', 'redis-tools', ...missing.filter((name) => /^(lib|lua|redis)/.test(name))]);
  await apt('-qq', 'download', ...names);
}

/** `usr/lib` and its one sub-folder per architecture, as the packages of Debian lay them out. */
async function libraryFolders(root: string): Promise<string> {
  const folders: string[] = [];
  for (const parent of ['usr/lib', 'lib']) {
    const folder = join(root, parent);
    if (!existsSync(folder)) continue;
    const names = await readdir(folder);
    folders.push(folder, ...names.filter((name) => name.includes('-linux-')).map((name) => join(folder, name)));
  }
  return folders.join(':');
}
