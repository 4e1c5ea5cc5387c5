import type { RedisOptions } from 'ioredis';

/** How a server is reached. */
export type ServerOptions = Omit<RedisOptions, 'replyMapping'>;

/** Where the store is, as REDIS_URL says it. */
export type RedisTarget =
  | { readonly kind: 'single'; readonly server: ServerOptions }
  | { readonly kind: 'sentinel'; readonly server: ServerOptions }
  /** `seeds` are asked for the others. */
  | { readonly kind: 'cluster'; readonly seeds: readonly RedisAddress[]; readonly server: ServerOptions };

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

const URL_PATTERN = /^(rediss?)(\+sentinel|\+cluster)?:\/\/(?:([^@/?]*)@)?([^@/?]+)(?:\/([^?]*))?(?:\?(.*))?$/;
const DEFAULT_PORT = 6_379;
const DEFAULT_SENTINEL_PORT = 26_379;

/**
 * Reads `redis://[user:password@]host[:port][/db]`, `rediss://…` (TLS), `redis+sentinel://h1,h2/MASTER[/db]`,
 * `redis+cluster://h1,h2` (or a list of hosts with `redis://`), `unix:///path` or `/path`. A unix socket takes
 * `?password=`, `?username=` and `?db=`; Sentinel takes `?sentinelPassword=`. Throws a TypeError without the text, which
 * may hold a password.
 */
export function parseRedisUrl(text: string): RedisTarget {
  const socket = /^(?:unix:\/\/)?(\/[^?]*)(?:\?(.*))?$/.exec(text);
  if (socket !== null) return { kind: 'single', server: { path: socket[1] ?? '', ...fromQuery(socket[2]) } };
  const match = URL_PATTERN.exec(text);
  if (match === null) throw new TypeError('REDIS_URL is not a URL that can be used here: redis://host:6379 is one');
  const [, scheme = '', form = '', userinfo = '', hosts = '', path = '', query = ''] = match;
  const tls = scheme === 'rediss' ? { tls: {} } : {};
  const server: ServerOptions = { ...fromUserinfo(userinfo), ...tls, ...fromQuery(query) };
  if (form === '+sentinel') return sentinelTarget(addresses(hosts, DEFAULT_SENTINEL_PORT), path, server);
  const list = addresses(hosts, DEFAULT_PORT);
  if (form === '+cluster' || list.length > 1) return { kind: 'cluster', seeds: list, server };
  return { kind: 'single', server: { ...list[0], ...server, ...database(path) } };
}

function sentinelTarget(sentinels: readonly RedisAddress[], path: string, server: ServerOptions): RedisTarget {
  const [name = '', db = ''] = path.split('/');
  if (name === '')
    throw new TypeError('REDIS_URL names no master after the Sentinels: redis+sentinel://host1,host2/mymaster');
  const sentinelTls = server.tls === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: {} };
  return {
    kind: 'sentinel',
    server: {
      sentinels: sentinels.map((one) => ({ ...one })),
      name: decodeURIComponent(name),
      role: 'master',
      ...server,
      ...sentinelTls,
      ...database(db),
    },
  };
}

function addresses(list: string, port: number): RedisAddress[] {
  return list.split(',').map((item) => {
    const match = /^(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(item.trim());
    const number = Number(match?.[2] ?? port);
    if (match === null || number > 65_535)
      throw new TypeError('REDIS_URL has a host that cannot be read: host:port is one');
    return { host: (match[1] ?? '').replaceAll(/[[\]]/g, ''), port: number };
  });
}

function fromUserinfo(userinfo: string): ServerOptions {
  const colon = userinfo.indexOf(':');
  const username = decodeURIComponent(colon === -1 ? userinfo : userinfo.slice(0, colon));
  const password = colon === -1 ? '' : decodeURIComponent(userinfo.slice(colon + 1));
  return { ...(username === '' ? {} : { username }), ...(password === '' ? {} : { password }) };
}

function fromQuery(query: string | undefined): ServerOptions {
  const parameters = new URLSearchParams(query ?? '');
  const options: ServerOptions = {};
  for (const name of ['username', 'password', 'sentinelPassword'] as const) {
    const value = parameters.get(name);
    if (value !== null) options[name] = value;
  }
  return { ...options, ...database(parameters.get('db') ?? '') };
}

function database(text: string): ServerOptions {
  if (text === '') return {};
  if (!/^\d{1,5}$/.test(text)) throw new TypeError('REDIS_URL names a database that is not a number');
  return { db: Number(text) };
}
