import { isIP } from 'node:net';
import type { FileSettings } from './environment.ts';
import { problemAt } from './problem.ts';
import type { ConfigPath, Problem } from './problem.ts';
import type { FileConfiguration } from './schema.ts';
import { targetProblem } from './target.ts';
import { duration, size } from './values.ts';

/** The file's settings of the process, in the units of `GatewaySettings`. Absent members stay absent. */
export function fileSettings(file: FileConfiguration): FileSettings {
  const { backend = {}, reporting = {}, journal = {}, timeouts = {}, limits = {}, log = {} } = file;
  return {
    ...defined({
      host: file.host,
      port: file.port,
      adminHost: file.adminHost,
      adminPort: file.adminPort,
      workers: file.workers,
      shutdownSeconds: inSeconds(file.shutdown),
      logLevel: log.level,
      accessLog: log.access,
    }),
    backend: defined({
      url: backend.url?.replace(/\/+$/, ''),
      timeoutMs: inMs(backend.timeout),
      down: file.backendDown,
      staleSeconds: file.staleSeconds,
    }),
    reporting: defined({
      mode: reporting.mode,
      threads: reporting.threads,
      batchSeconds: inSeconds(reporting.batch),
      authsTtlSeconds: inSeconds(file.authsTtl),
    }),
    journal: defined({
      folder: journal.dir,
      maxBytes: inBytes(journal.maxBytes),
      full: journal.full,
      fsyncMs: inMs(journal.fsync),
    }),
    server: defined({
      headTimeoutMs: inMs(timeouts.head),
      bodyTimeoutMs: inMs(timeouts.body),
      idleTimeoutMs: inMs(timeouts.idle),
      maxConnections: limits.connections,
      maxRequestsPerConnection: limits.requestsPerConnection,
      minBodyRate: limits.bodyRate,
      trustedProxies: file.trustedProxies,
    }),
    upstream: defined({
      connectTimeoutMs: inMs(timeouts.connect),
      timeoutMs: inMs(timeouts.upstream),
      pipelining: file.pipelining,
    }),
    hasServices: file.services !== undefined,
  };
}

/** Every duration, with the shortest and the longest that make sense, in ms. */
function durations(file: FileConfiguration): readonly (readonly [ConfigPath, string | undefined, number, number])[] {
  const { timeouts = {} } = file;
  return [
    [['shutdown'], file.shutdown, 0, 3_600_000],
    [['backend', 'timeout'], file.backend?.timeout, 1, 60_000],
    [['authsTtl'], file.authsTtl, 0, 86_400_000],
    [['reporting', 'batch'], file.reporting?.batch, 50, 3_600_000],
    [['journal', 'fsync'], file.journal?.fsync, 0, 60_000],
    [['timeouts', 'head'], timeouts.head, 1, 3_600_000],
    [['timeouts', 'body'], timeouts.body, 1, 3_600_000],
    [['timeouts', 'idle'], timeouts.idle, 1, 3_600_000],
    [['timeouts', 'connect'], timeouts.connect, 1, 3_600_000],
    [['timeouts', 'upstream'], timeouts.upstream, 1, 86_400_000],
  ];
}

/** What the schema cannot say. */
export function fileSettingsProblems(file: FileConfiguration): readonly Problem[] {
  const problems: Problem[] = [];
  for (const [path, value, minimum, maximum] of durations(file)) {
    if (value === undefined) continue;
    const ms = duration(value);
    if (ms < minimum || ms > maximum)
      problems.push(problemAt(path, `"${value}" is outside of ${minimum}ms to ${maximum}ms`));
  }
  const target =
    file.backend?.url === undefined ? null : targetProblem(file.backend.url, { unixSockets: false, path: true });
  if (target !== null) problems.push(problemAt(['backend', 'url'], `${target.wrong}; ${target.remedy}`));
  for (const [index, entry] of (file.trustedProxies ?? []).entries()) {
    if (!isCidr(entry))
      problems.push(problemAt(['trustedProxies', index], `"${entry}" is no address or CIDR such as 10.0.0.0/8`));
  }
  return problems;
}

function isCidr(entry: string): boolean {
  const [, address = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return longest >= 0 && Number(length ?? 0) <= longest;
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the members that are undefined, so that defaults are not overwritten by them. */
function defined<T extends object>(members: T): Defined<T>;
function defined(members: object): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function inMs(text: string | undefined): number | undefined {
  return text === undefined ? undefined : duration(text);
}

function inSeconds(text: string | undefined): number | undefined {
  return text === undefined ? undefined : duration(text) / 1000;
}

function inBytes(value: string | number | undefined): number | undefined {
  return typeof value === 'string' ? size(value) : value;
}
