import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runStep } from './step.js';

const SOURCES = ['bin', 'gateway', 'backend', 'shared', 'test', 'load'];
const SETTINGS = ['tsconfig.json', 'vitest.config.ts', 'package-lock.json'];

/** Whether dist/ is the whole result of the sources as they are now. */
export function isBuilt(root) {
  const stamp = stampOf(root);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint(root);
}

/** Compiles everything anew: what was removed from the sources must not live on in dist/. */
export async function build(root) {
  const started = Date.now();
  console.error('tallygate: building (tsc)');
  const built = fingerprint(root);
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  await runStep(root, process.execPath, [join(root, 'node_modules/typescript/bin/tsc')]);
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(stampOf(root), built);
  console.error(`tallygate: built in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

function stampOf(root) {
  return join(root, 'dist', '.sources');
}

/** Changes when a source is added, removed or written. */
function fingerprint(root) {
  const hash = createHash('sha256');
  for (const file of sourceFiles(root)) {
    const { size, mtimeMs } = statSync(join(root, file));
    hash.update(`${JSON.stringify(file)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function sourceFiles(root) {
  const sources = SOURCES.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );
  return [...sources, ...SETTINGS.filter((file) => existsSync(join(root, file)))].toSorted((a, b) => (a < b ? -1 : 1));
}
