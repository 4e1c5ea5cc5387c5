import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../shared/package-root.ts';
import { startProcess } from '../harness/process.ts';

const run = promisify(execFile);

/** Longest time for npm to install the package and its dependencies, ms. */
const INSTALL_TIMEOUT = 180_000;

/** Packs the package as it would be published, installs it in an empty project and runs it there with npx. */
async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tallygate-packaged-'));
  try {
    const packed = await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: packageRoot });
    await writeFile(join(folder, 'package.json'), '{ "private": true }');
    const file = join(folder, packed.stdout.trim().split('\n').at(-1) ?? '');
    await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--engine-strict', file], {
      cwd: folder,
      timeout: INSTALL_TIMEOUT,
    });
    await tryIt(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function tryIt(folder: string): Promise<void> {
  const version = await startProcess('npx', ['--no-install', 'tallygate', '--version'], { cwd: folder });
  await version.line(/^\d+\.\d+\.\d+$/);
}

await main();
console.log('packaged: 1 passed, 0 failed');
