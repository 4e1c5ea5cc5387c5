import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runStep } from './step.js';

/** Whether node_modules holds what the lock file asks for. A linked folder is somebody's own doing, and left alone. */
export function isInstalled(root) {
  const modules = join(root, 'node_modules');
  const record = join(modules, '.package-lock.json');
  if (existsSync(modules) && lstatSync(modules).isSymbolicLink()) return true;
  if (!existsSync(record)) return false;
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const present = packagesOf(record);
  for (const [path, { version, optional = false }] of Object.entries(wanted)) {
    if (path === '') continue;
    const found = present[path]?.version;
    if (found === undefined ? !optional : found !== version) return false;
  }
  return true;
}

function packagesOf(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages ?? {};
}

/** Installs exactly what the lock file says. Nothing of ours needs an install script, so none is run. */
export async function install(root) {
  const options = ['--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const started = Date.now();
  console.error('tallygate: installing its packages (npm ci)');
  if (npm !== undefined && /\.c?js$/.test(npm)) await runStep(root, process.execPath, [npm, 'ci', ...options]);
  else await runStep(root, 'npm', ['ci', ...options]);
  console.error(`tallygate: installed in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}
