import { mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, expect, test } from 'vitest';
import { packageRoot } from '../../shared/package-root.ts';
import { temporaryFolder } from '../harness/folder.ts';

interface Bootstrap {
  readonly isInstalled: (root: string) => boolean;
  readonly isBuilt: (root: string) => boolean;
  readonly build: (root: string) => Promise<void>;
}

let root = '';

beforeEach(async () => {
  root = await temporaryFolder();
});

const load = async (name: string): Promise<Bootstrap> =>
  (await import(pathToFileURL(join(packageRoot, 'bin/bootstrap', name)).href)) as Bootstrap;

const lock = (packages: Record<string, { version: string; optional?: boolean }>): string =>
  JSON.stringify({ packages: { '': { version: '0' }, ...packages } });

async function installed(wanted: string, present: string): Promise<boolean> {
  await mkdir(join(root, 'node_modules'));
  await writeFile(join(root, 'package-lock.json'), wanted);
  await writeFile(join(root, 'node_modules/.package-lock.json'), present);
  return (await load('install.js')).isInstalled(root);
}

test('a fresh clone is not installed', async () => {
  expect((await load('install.js')).isInstalled(root)).toBe(false);
});

test('what the lock file asks for is installed, whatever the times of the files', async () => {
  const packages = lock({ 'node_modules/a': { version: '1.0.0' } });
  expect(await installed(packages, packages)).toBe(true);
});

test('another version, or a package that is missing, is not', async () => {
  const wanted = lock({ 'node_modules/a': { version: '1.1.0' } });
  expect(await installed(wanted, lock({ 'node_modules/a': { version: '1.0.0' } }))).toBe(false);
});

test('an optional package of another platform may be missing', async () => {
  const wanted = lock({ 'node_modules/b': { version: '1.0.0', optional: true } });
  expect(await installed(wanted, lock({}))).toBe(true);
});

test('a linked node_modules is left alone', async () => {
  await mkdir(join(root, 'elsewhere'));
  await symlink(join(root, 'elsewhere'), join(root, 'node_modules'));
  expect((await load('install.js')).isInstalled(root)).toBe(true);
});

test('a build is out of date when a source is written or removed', async () => {
  const { build, isBuilt } = await load('build.js');
  await mkdir(join(root, 'shared'));
  await mkdir(join(root, 'node_modules/typescript/bin'), { recursive: true });
  await writeFile(join(root, 'node_modules/typescript/bin/tsc'), '');
  await writeFile(join(root, 'shared/a.ts'), 'export {};');
  expect(isBuilt(root)).toBe(false);
  await build(root);
  expect(isBuilt(root)).toBe(true);
  await utimes(join(root, 'shared/a.ts'), 1, 1);
  expect(isBuilt(root)).toBe(false);
  await build(root);
  await rm(join(root, 'shared/a.ts'));
  expect(isBuilt(root)).toBe(false);
});
