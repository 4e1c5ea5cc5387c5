import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { commands } from '../../bin/commands/index.ts';
import { packageRoot } from '../../shared/package-root.ts';

const read = (path: string): string => readFileSync(join(packageRoot, path), 'utf8');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(packageRoot, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

test('every link between pages leads to a file', () => {
  const broken = pages.flatMap((page) =>
    Array.from(read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g), ([, target = '']) => target)
      .filter((target) => !existsSync(join(packageRoot, dirname(page), target)))
      .map((target) => `${page} → ${target}`),
  );
  expect(broken).toEqual([]);
});

test('every page of docs/ is named in the README', () => {
  const readme = read('README.md');
  expect(pages.filter((page) => page !== 'README.md' && !readme.includes(`(${page})`))).toEqual([]);
});

test('every npm script, command and test that is named exists', () => {
  const scripts = Object.keys((JSON.parse(read('package.json')) as { readonly scripts: object }).scripts);
  const names = new Set(commands.map((command) => command().name()));
  const text = pages.map(read).join('\n');
  const scriptsNamed = Array.from(text.matchAll(/npm run ([\w:]+)/g), ([, name = '']) => name);
  const commandsNamed = Array.from(text.matchAll(/(?:npx |`)tallygate ([a-z]+)/g), ([, name = '']) => name);
  const tests = text.match(/\btest\/[\w./-]+\.test\.ts/g) ?? [];
  expect(scriptsNamed.filter((name) => !scripts.includes(name))).toEqual([]);
  expect(commandsNamed.filter((name) => !names.has(name))).toEqual([]);
  expect(tests.filter((path) => !existsSync(join(packageRoot, path)))).toEqual([]);
});
