import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../shared/package-root.ts';
import { startProcess } from '../harness/process.ts';

const run = promisify(execFile);

/** Longest time for npm to install the package and its dependencies, ms. */
const INSTALL_TIMEOUT = 180_000;
/** Longest time for the demo to be ready, ms. */
const START_TIMEOUT = 60_000;

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
  const ports = ['--gateway-port', '0', '--admin-port', '0', '--backend-port', '0', '--upstream-port', '0'];
  const demo = await startProcess('npx', ['--no-install', 'tallygate', 'demo', ...ports], {
    cwd: folder,
    env: { TMPDIR: folder },
    ready: /^ready$/,
    timeout: START_TIMEOUT,
  });
  const gateway = /^ *gateway +(http:\S+)/m.exec(demo.stdout)?.[1] ?? '';
  for (const [userKey, expected] of [
    ['demo-key', 200],
    ['unknown', 403],
  ]) {
    const { status } = await fetch(`${gateway}/hello?user_key=${userKey}`);
    if (status !== expected) throw new Error(`user_key=${userKey} was answered ${status}, not ${expected}`);
  }
  // npx ends by the signal itself; its streams close when the demo, which it leaves behind, has ended as well.
  await demo.stop();
  const left = (await readdir(folder)).filter((name) => name.startsWith('tallygate-demo'));
  if (left.length > 0) throw new Error(`the demo left ${left.join(', ')}`);
}

await main();
console.log('packaged: 1 passed, 0 failed');
