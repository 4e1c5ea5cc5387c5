import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../shared/package-root.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { startProcess } from '../harness/process.ts';

const dockerfile = readFileSync(join(packageRoot, 'Dockerfile'), 'utf8').replaceAll(/\\\n/g, ' ');
const lines = dockerfile.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
const lastStage = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));

/** What the image's last stage takes from the build, as paths of the package. */
const copied = lastStage
  .filter((line) => line.startsWith('COPY '))
  .flatMap((line) => line.split(/\s+/).filter((part) => part.startsWith('/app/')))
  .map((path) => path.slice('/app/'.length));

test('the image runs without root, a shell or a package manager, on Node.js 24', () => {
  expect(lastStage[0]).toMatch(/^FROM gcr\.io\/distroless\/nodejs24-\w+:nonroot$/);
  expect(lastStage.find((line) => line.startsWith('USER '))).toBe('USER 65532');
  expect(lastStage.filter((line) => line.startsWith('RUN '))).toEqual([]);
});

test('what the image is built from is let through by .dockerignore', () => {
  const allowed = readFileSync(join(packageRoot, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  const sources = copied
    .map((path) => path.split('/', 1)[0] ?? '')
    .filter((name) => !['node_modules', 'dist'].includes(name));
  expect(sources.filter((name) => !allowed.includes(name))).toEqual([]);
  expect(allowed.filter((name) => !existsSync(join(packageRoot, name)))).toEqual([]);
});

test('the files in the image are enough to run, and its health check is one of our commands', async () => {
  const root = await temporaryFolder();
  for (const path of copied) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    if (path === 'node_modules') symlinkSync(join(packageRoot, path), join(root, path));
    else cpSync(join(packageRoot, path), join(root, path), { recursive: true });
  }
  const check = /HEALTHCHECK .*CMD (\[.*\])/.exec(dockerfile)?.[1] ?? '[]';
  const [, program = '', ...args] = JSON.parse(check) as string[];
  const started = await startProcess(process.execPath, [program.replace('/app', root), ...args], {
    env: { ADMIN_PORT: '1' },
  });
  expect((await started.exited).code).toBe(1);
  expect(started.output).toBe('127.0.0.1:1: no answer (bad port)\n');
});
