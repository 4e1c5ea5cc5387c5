import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { packageRoot } from '../../shared/package-root.ts';

const run = promisify(execFile);

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as Manifest;

async function packedFiles(): Promise<string[]> {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: packageRoot });
  const [packed] = JSON.parse(stdout) as { readonly files: readonly { readonly path: string }[] }[];
  return (packed?.files ?? []).map((file) => file.path);
}

test('the package holds the built product and what it reads, and no test', async () => {
  const files = await packedFiles();
  for (const needed of ['bin/tallygate.js', 'bin/node-version.js', 'dist/bin/cli.js', 'LICENSE', 'README.md']) {
    expect(files).toContain(needed);
  }
  const assets = ['backend', 'gateway', 'shared'].flatMap((folder) =>
    readdirSync(join(packageRoot, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.ts'))
      .map((entry) => relative(packageRoot, join(entry.parentPath, entry.name))),
  );
  expect(assets.filter((file) => !files.includes(file))).toEqual([]);
  expect(files.filter((file) => /^(dist\/)?(test|load)\/|\.ts$/.test(file))).toEqual([]);
});

test('every version is pinned', () => {
  const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

test('every npm script that runs something of ours runs something that exists', () => {
  const targets = Object.values(manifest.scripts).flatMap((script) => {
    const file = /bin\/start\.js run (\S+)\.js/.exec(script)?.[1];
    return file === undefined ? [] : [`${file}.ts`];
  });
  expect(targets.filter((file) => !existsSync(join(packageRoot, file)))).toEqual([]);
});
