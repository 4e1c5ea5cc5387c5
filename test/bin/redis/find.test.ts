import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { redisCacheFolder } from '../../../bin/redis/cache-folder.ts';
import { findRedis } from '../../../bin/redis/find.ts';
import { temporaryFolder } from '../../harness/folder.ts';

/** A folder with a program redis-server in it that tells this version. */
async function programThatTells(version: string): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'redis-server'), `#!/bin/sh\necho "Redis server v=${version} sha=0 bits=64"\n`);
  await chmod(join(folder, 'redis-server'), 0o755);
  return folder;
}

/** A cache that already holds an unpacked server of this version. */
async function cacheWith(version: string): Promise<string> {
  const program = await programThatTells(version);
  await mkdir(join(program, 'root/usr/bin'), { recursive: true });
  await writeFile(join(program, 'root/usr/bin/redis-server'), `#!/bin/sh\necho "Redis server v=${version} sha=0"\n`);
  await chmod(join(program, 'root/usr/bin/redis-server'), 0o755);
  return program;
}

const system = (folder: string): string => [folder, '/usr/bin', '/bin'].join(delimiter);

test('a new enough server on the PATH is used', async () => {
  const folder = await programThatTells('7.2.4');
  const found = await findRedis('/nowhere', system(folder));
  expect(found).toEqual({ path: join(folder, 'redis-server'), version: '7.2.4', env: {} });
});

test('an old one on the PATH is passed over for the unpacked one', async () => {
  const cache = await cacheWith('7.0.15');
  const found = await findRedis(cache, system(await programThatTells('6.0.16')));
  expect(found.version).toBe('7.0.15');
  expect(found.path).toBe(join(cache, 'root/usr/bin/redis-server'));
});

test('without any, one line says what to install and why', async () => {
  const cache = await cacheWith('6.0.16');
  const failure = findRedis(cache, system(await programThatTells('5.0.1')));
  await expect(failure).rejects.toThrow(/^redis-server 7\.0 or newer is needed: .*install redis.*5\.0\.1.*6\.0\.16\)$/);
});

test('the unpacked one is kept in the node_modules that we are part of', () => {
  expect(redisCacheFolder('/home/me/tallygate')).toBe('/home/me/tallygate/node_modules/.cache/redis');
  expect(redisCacheFolder('/srv/app/node_modules/tallygate')).toBe('/srv/app/node_modules/.cache/redis');
});
