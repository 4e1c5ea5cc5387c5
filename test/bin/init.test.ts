import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfiguration } from '../../gateway/config/read.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { startNode } from '../harness/process.ts';

async function init(...args: string[]): Promise<[number | null, string]> {
  const started = await startNode('bin/tallygate.js', ['init', ...args]);
  return [(await started.exited).code, started.output];
}

test('what it writes is a configuration that a gateway accepts, with the given values', async () => {
  const file = join(await temporaryFolder(), 'gateway.yaml');
  const [code] = await init(
    file,
    '--service',
    'my "api"',
    '--token',
    'a: b #c',
    '--upstream',
    'http://app:1',
    '--backend',
    'http://backend:2',
  );
  expect(code).toBe(0);
  const { services, settings, notices } = readConfiguration({ CONFIG_FILE: file });
  expect(services.map(({ id, token }) => [id, token])).toEqual([['my "api"', 'a: b #c']]);
  expect(settings.backend.url).toContain('backend:2');
  expect(notices).toEqual([]);
});

test('a file that is there stays as it is', async () => {
  const file = join(await temporaryFolder(), 'gateway.yaml');
  writeFileSync(file, 'mine');
  expect(await init(file)).toEqual([
    1,
    `${file}: it is there already; choose another name, or write over it with --force\n`,
  ]);
  expect(readFileSync(file, 'utf8')).toBe('mine');
  expect((await init(file, '--force'))[0]).toBe(0);
});

test('a value that no gateway could use is refused, and nothing is written', async () => {
  const file = join(await temporaryFolder(), 'gateway.yaml');
  const [code, output] = await init(file, '--upstream', 'ftp://app');
  expect(code).toBe(1);
  expect(output).toMatch(/gateway\.yaml:\d+:\d+: /);
  expect(() => readFileSync(file)).toThrow('ENOENT');
});
