import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Longest wait for one call of apt-get or dpkg, ms. */
const STEP_TIMEOUT = 120_000;

export interface DebianWish {
  readonly packages: readonly string[];
  /** Which of the packages that they depend on, and that this machine lacks, are unpacked as well. */
  readonly dependencies: RegExp;
  /** A file of the packages, from the root: it is there when they are unpacked. */
  readonly proof: string;
}

/**
 * Unpacks Debian packages, and those of their libraries that are not installed, below `cacheFolder`, unless they are
 * there; answers with the tree, which is laid out like `/`. Nothing is installed and root is not needed: apt keeps its
 * state in the same folder. Throws an Error when there is no apt-get or no network.
 */
export async function unpackDebian(cacheFolder: string, wish: DebianWish): Promise<string> {
  const root = join(cacheFolder, 'root');
  if (!existsSync(join(root, wish.proof))) await unpackInto(cacheFolder, root, wish);
  return root;
}

/** Works in a folder of its own and renames it at the end, so that processes that do this together do not meet. */
async function unpackInto(cacheFolder: string, root: string, wish: DebianWish): Promise<void> {
  await mkdir(cacheFolder, { recursive: true });
  const work = await mkdtemp(join(cacheFolder, 'unpack-'));
  try {
    const packages = join(work, 'packages');
    const unpacked = join(work, 'root');
    for (const folder of [packages, unpacked, join(work, 'lists/partial'), join(work, 'cache/archives/partial')]) {
      await mkdir(folder, { recursive: true });
    }
    await download(work, packages, wish);
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

async function download(work: string, folder: string, { packages, dependencies }: DebianWish): Promise<void> {
  const privateState = [
    `Dir::State::lists=${join(work, 'lists')}`,
    `Dir::Cache=${join(work, 'cache')}`,
    'APT::Sandbox::User=',
    'Debug::NoLocking=1',
  ].flatMap((setting) => ['-o', setting]);
  const apt = (...args: string[]): Promise<{ stdout: string }> =>
    run('apt-get', [...privateState, ...args], {
      cwd: folder,
      timeout: STEP_TIMEOUT,
      env: { ...process.env, LC_ALL: 'C' },
    });

  await apt('-qq', 'update');
  const plan = await apt('-s', '--no-install-recommends', 'install', ...packages);
  const missing = Array.from(plan.stdout.matchAll(/^Inst (\S+)/gm), (match) => match[1] ?? '');
  await apt('-qq', 'download', ...new Set([...packages, ...missing.filter((name) => dependencies.test(name))]));
}

/** `usr/lib`, `lib` and their one sub-folder per architecture, as the packages of Debian lay them out, for LD_LIBRARY_PATH. */
export async function libraryFolders(root: string): Promise<string> {
  const folders: string[] = [];
  for (const parent of ['usr/lib', 'lib']) {
    const folder = join(root, parent);
    if (!existsSync(folder)) continue;
    const names = await readdir(folder);
    folders.push(folder, ...names.filter((name) => name.includes('-linux-')).map((name) => join(folder, name)));
  }
  return folders.join(':');
}
