import { expect, test } from 'vitest';
import { parseRedisUrl } from '../../../../backend/store/redis/url.ts';

test('one server, with a name, a password and a database', () => {
  expect(parseRedisUrl('redis://u:p%40ss@host:6380/3')).toEqual({
    kind: 'single',
    server: { host: 'host', port: 6380, username: 'u', password: 'p@ss', db: 3 },
  });
  expect(parseRedisUrl('redis://host')).toEqual({ kind: 'single', server: { host: 'host', port: 6379 } });
  expect(parseRedisUrl('rediss://[::1]:7000')).toEqual({
    kind: 'single',
    server: { host: '::1', port: 7000, tls: {} },
  });
});

test('a unix socket, as a path or a URL', () => {
  expect(parseRedisUrl('/run/redis.sock')).toEqual({ kind: 'single', server: { path: '/run/redis.sock' } });
  expect(parseRedisUrl('unix:///run/redis.sock?password=p&db=2')).toEqual({
    kind: 'single',
    server: { path: '/run/redis.sock', password: 'p', db: 2 },
  });
});

test('Sentinels and the name of their master', () => {
  expect(parseRedisUrl('redis+sentinel://:secret@a,b:5000/shop/1?sentinelPassword=s')).toEqual({
    kind: 'sentinel',
    server: {
      sentinels: [
        { host: 'a', port: 26379 },
        { host: 'b', port: 5000 },
      ],
      name: 'shop',
      role: 'master',
      password: 'secret',
      sentinelPassword: 's',
      db: 1,
    },
  });
  expect(() => parseRedisUrl('redis+sentinel://a')).toThrow(/names no master/);
});

test('a cluster, by its scheme or as a list', () => {
  const seeds = [
    { host: 'a', port: 7000 },
    { host: 'b', port: 6379 },
  ];
  expect(parseRedisUrl('redis+cluster://a:7000,b')).toEqual({ kind: 'cluster', seeds, server: {} });
  expect(parseRedisUrl('rediss://p:q@a:7000,b')).toEqual({
    kind: 'cluster',
    seeds,
    server: { username: 'p', password: 'q', tls: {} },
  });
});

test('what cannot be read is refused, and its password not shown', () => {
  for (const url of ['http://host', 'redis://', 'redis://u:secret@host:99999', 'redis://u:secret@host/x', '']) {
    expect(() => parseRedisUrl(url)).toThrow(TypeError);
    expect(() => parseRedisUrl(url)).not.toThrow(/secret/);
  }
});
