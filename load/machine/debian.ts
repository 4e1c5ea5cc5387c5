import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../shared/package-root.ts';

const run = promisify(execFile);
const STEP_TIMEOUT = 180_000;
const PACKAGES = ['nginx', 'libnginx-mod-http-lua', 'haproxy', 'wrk'];

/** Unpacked Debian packages: a tree like `/`, nothing installed, no daemon started. */
export interface PeerTools {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly nginx: string;
  readonly haproxy: string;
  readonly wrk: string;
}

/**
 * The peers that we are measured against, unpacked once per machine from Debian's packages below node_modules/.cache.
 *
 * @throws Error that says what is missing when there is no apt-get or no network.
 */
export async function peerTools(): Promise<PeerTools> {
  const cache = join(packageRoot, 'node_modules', '.cache', 'peers');
  const root = join(cache, 'root');
  if (!existsSync(join(root, 'usr/bin/wrk'))) await unpack(cache, root);
  const libraries: string[] = [];
  for (const parent of [join(root, 'usr/lib'), join(root, 'lib')]) {
    for (const name of await readdir(parent)) if (name.includes('-linux-')) libraries.push(join(parent, name));
  }
  return {
    root,
    env: { LD_LIBRARY_PATH: libraries.join(':') },
    nginx: join(root, 'usr/sbin/nginx'),
    haproxy: join(root, 'usr/sbin/haproxy'),
    wrk: join(root, 'usr/bin/wrk'),
  };
}

async function unpack(cache: string, root: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'unpack-'));
  try {
    const unpacked = join(work, 'root');
    await mkdir(unpacked);
    await download(work);
    for (const name of await readdir(work)) {
      if (name.endsWith('.deb')) await run('dpkg', ['-x', join(work, name), unpacked], { timeout: STEP_TIMEOUT });
    }
    await rm(root, { recursive: true, force: true });
    await rename(unpacked, root);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`the peers (${PACKAGES.join(', ')}) could not be unpacked from Debian's packages: ${reason}`, {
      cause: error,
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The packages and those of their libraries that this machine lacks. */
async function download(folder: string): Promise<void> {
  const options = { cwd: folder, timeout: STEP_TIMEOUT, env: { ...process.env, LC_ALL: 'C' } };
  for (const part of ['lists/partial', 'cache/archives/partial']) await mkdir(join(folder, part), { recursive: true });
  const state = [
    `Dir::State::lists=${folder}/lists`,
    `Dir::Cache=${folder}/cache`,
    'APT::Sandbox::User=',
    'Debug::NoLocking=1',
  ];
  const apt = (...words: string[]): Promise<{ stdout: string }> =>
    run('apt-get', [...state.flatMap((setting) => ['-o', setting]), ...words], options);
  await apt('-qq', 'update');
  const plan = await apt('-s', '--no-install-recommends', 'install', ...PACKAGES);
  const missing = Array.from(plan.stdout.matchAll(/^Inst (\S+)/gm), (match) => match[1] ?? '');
  await apt('-qq', 'download', ...new Set([...PACKAGES, ...missing]));
}
