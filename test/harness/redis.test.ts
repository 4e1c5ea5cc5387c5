import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startRedis } from './redis.ts';

test('a private server answers on its socket and leaves no folder behind', async () => {
  const redis = await startRedis();
  expect(await redis.cli('SET', 'a', '1')).toBe('+OK\r\n');
  expect(await redis.cli('GET', 'a')).toBe('$1\r\n1\r\n');
  await redis.close();
  expect(existsSync(redis.folder)).toBe(false);
});

test('what was written with appendfsync always survives a kill', async () => {
  const redis = await startRedis({ appendonly: true, appendfsync: 'always' });
  await redis.cli('SET', 'a', '1');
  await redis.kill();
  await redis.start();
  expect(await redis.cli('GET', 'a')).toBe('$1\r\n1\r\n');
});

test('a one-node cluster serves every slot', async () => {
  const redis = await startRedis({ cluster: true });
  expect(await redis.cli('SET', 'anything', '1')).toBe('+OK\r\n');
});

test('a replica follows its master', async () => {
  const master = await startRedis({ tcp: true });
  await startRedis({ replicaof: master });
  await master.cli('SET', 'a', '1');
  expect(await master.cli('WAIT', '1', '5000')).toBe(':1\r\n');
});

test('a password is required when one is set', async () => {
  const redis = await startRedis({ requirepass: 'a b&c' });
  expect(redis.url).toContain('?password=a%20b%26c');
  expect(await redis.cli('PING')).toBe('+PONG\r\n');
});
