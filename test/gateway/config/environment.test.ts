import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../../gateway/config/environment.ts';
import { VARIABLES } from '../../../gateway/config/names.ts';
import { ConfigurationError } from '../../../shared/env.ts';
import type { EnvironmentMap } from '../../../shared/env.ts';

const LEAST = {
  UPSTREAM_URL: 'http://127.0.0.1:8081',
  BACKEND_URL: 'http://127.0.0.1:3000',
  SERVICE_ID: '1',
  SERVICE_TOKEN: 's',
};

function problems(env: EnvironmentMap): readonly string[] {
  try {
    readEnvironment(env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('defaults', () => {
  it('are those of the documentation', () => {
    const { settings, service } = readEnvironment(LEAST);
    expect(settings).toEqual({
      host: '0.0.0.0',
      port: 8080,
      adminHost: '0.0.0.0',
      adminPort: 8090,
      workers: 1,
      shutdownSeconds: 20,
      backend: { url: 'http://127.0.0.1:3000', timeoutMs: 500, down: 'strict', staleSeconds: 300 },
      reporting: { mode: null, threads: 0, batchSeconds: 1, authsTtlSeconds: 10 },
      journal: { folder: './data/journal', maxBytes: 1_073_741_824, full: 'refuse', fsyncMs: 100 },
      server: {
        headTimeoutMs: 10_000,
        bodyTimeoutMs: 30_000,
        idleTimeoutMs: 75_000,
        maxConnections: 20_000,
        maxRequestsPerConnection: 1000,
        minBodyRate: 256,
        trustedProxies: [],
      },
      upstream: { connectTimeoutMs: 1000, timeoutMs: 60_000, pipelining: 1 },
      logLevel: 'info',
      accessLog: 'off',
    });
    expect(service).toEqual({ id: '1', token: 's', upstreamUrl: 'http://127.0.0.1:8081' });
  });

  it('the admin port listens where the gateway listens', () => {
    expect(readEnvironment({ ...LEAST, HOST: '127.0.0.1' }).settings.adminHost).toBe('127.0.0.1');
  });

  it('an empty variable is an unset one', () => {
    expect(readEnvironment({ ...LEAST, PORT: '', LOG_LEVEL: ' ' }).settings).toMatchObject({
      port: 8080,
      logLevel: 'info',
    });
  });
});

describe('values', () => {
  it.each<[string, string, object]>([
    ['PORT', '0', { port: 0 }],
    ['REPORTING_MODE', 'per-request', { reporting: { mode: 'per-request' } }],
    ['AUTHS_TTL', '0', { reporting: { authsTtlSeconds: 0 } }],
    ['BATCH_REPORT_SECONDS', '0.5', { reporting: { batchSeconds: 0.5 } }],
    ['JOURNAL_MAX_BYTES', '64MiB', { journal: { maxBytes: 67_108_864 } }],
    ['JOURNAL_FSYNC_MS', '0', { journal: { fsyncMs: 0 } }],
    ['BACKEND_URL', 'https://backend.test/', { backend: { url: 'https://backend.test' } }],
    ['TIMEOUT_UPSTREAM_MS', '5000', { upstream: { timeoutMs: 5000 } }],
    ['UPSTREAM_PIPELINING', '8', { upstream: { pipelining: 8 } }],
    ['ACCESS_LOG', 'stdout', { accessLog: 'stdout' }],
  ])('%s=%s', (name, value, expected) => {
    expect(readEnvironment({ ...LEAST, [name]: value }).settings).toMatchObject(expected);
  });

  it.each([
    ['PORT', '1e3'],
    ['UPSTREAM_PIPELINING', '0'],
    ['UPSTREAM_PIPELINING', '33'],
    ['PORT', '65536'],
    ['REPORTING_THREADS', '-1'],
    ['REPORTING_MODE', 'lease'],
    ['BATCH_REPORT_SECONDS', '1s'],
    ['BACKEND_DOWN', 'open'],
    ['JOURNAL_MAX_BYTES', '1GB'],
    ['JOURNAL_MAX_BYTES', '10'],
    ['JOURNAL_FULL', 'drop'],
    ['LOG_LEVEL', 'verbose'],
    ['BACKEND_URL', 'backend.test'],
    ['BACKEND_URL', 'ftp://backend.test'],
    ['BACKEND_URL', 'http://user:secret@backend.test'],
    ['UPSTREAM_URL', 'http://127.0.0.1:8081/path'],
    ['UPSTREAM_URL', 'http://169.254.169.254'],
    ['UPSTREAM_URL', 'http://[::ffff:169.254.169.254]:80'],
    ['UPSTREAM_URL', 'http://0xa9fea9fe/'],
    ['UPSTREAM_URL', 'unix:relative.sock'],
  ])('%s=%s is refused with its name, what is wrong and what would be right', (name, value) => {
    const found = problems({ ...LEAST, [name]: value });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(new RegExp(`^${name}: .+; .+`));
    expect(found[0]).not.toContain('secret');
  });

  it('the journal has room for each worker', () => {
    expect(problems({ ...LEAST, WORKERS: '4', JOURNAL_MAX_BYTES: '200000' })).toEqual([
      expect.stringMatching(/^JOURNAL_MAX_BYTES: .+; use at least 262144$/),
    ]);
  });

  it('a Unix socket can be an upstream', () => {
    expect(readEnvironment({ ...LEAST, UPSTREAM_URL: 'unix:/run/app.sock' }).service?.upstreamUrl).toBe(
      'unix:/run/app.sock',
    );
  });
});

describe('problems', () => {
  it('are all told at once', () => {
    const found = problems({ PORT: 'x', WORKERS: '0', BACKND_URL: 'http://127.0.0.1' });
    expect(found.map((problem) => problem.slice(0, problem.indexOf(':'))).toSorted()).toEqual([
      'BACKEND_URL',
      'BACKND_URL',
      'PORT',
      'SERVICE_ID',
      'SERVICE_TOKEN',
      'UPSTREAM_URL',
      'WORKERS',
    ]);
  });

  it.each([
    ['REPORTING_THREAD', 'REPORTING_THREADS'],
    ['BACKEND_TIMEOUT', 'BACKEND_TIMEOUT_MS'],
    ['JOURNAL_FSYN_MS', 'JOURNAL_FSYNC_MS'],
    ['TALLYGATE_PORT', 'PORT'],
    ['TALLYGATE_REPORTING_THREADS', 'REPORTING_THREADS'],
  ])('%s: did you mean %s?', (name, meant) => {
    expect(problems({ ...LEAST, [name]: '1' })).toEqual([`${name}: there is no such variable; did you mean ${meant}?`]);
  });

  it.each([
    'HOSTNAME',
    'HOME',
    'PATH',
    'BACKEND_PORT',
    'BACKEND_SERVICE_HOST',
    'WORKER',
    'REDIS_URL',
    'PORTS',
    'SERVICE_IDS_OF_OTHERS',
  ])('%s is nothing of ours', (name) => expect(problems({ ...LEAST, [name]: '1' })).toEqual([]));

  it('a file with services leaves no room for a service in the environment', () => {
    const file = { backend: {}, reporting: {}, journal: {}, server: {}, upstream: {}, hasServices: true };
    expect(() => readEnvironment(LEAST, file)).toThrow(/^UPSTREAM_URL: .*\nSERVICE_ID: .*\nSERVICE_TOKEN: /);
    expect(readEnvironment({ BACKEND_URL: LEAST.BACKEND_URL }, file).service).toBeNull();
  });
});

describe('precedence', () => {
  const file = {
    port: 1,
    backend: { url: 'http://file.test', timeoutMs: 7 },
    reporting: { threads: 3 },
    journal: {},
    server: {},
    upstream: {},
    hasServices: false,
  };

  it('the environment wins over the file, and the file over the default', () => {
    const { settings } = readEnvironment({ ...LEAST, PORT: '2', BACKEND_URL: '' }, file);
    expect(settings.port).toBe(2);
    expect(settings.backend).toMatchObject({ url: 'http://file.test', timeoutMs: 7, down: 'strict' });
    expect(settings.reporting.threads).toBe(3);
  });
});

describe('names of the 3scale gateway', () => {
  it.each<[string, string, object]>([
    ['APICAST_REPORTING_THREADS', '4', { reporting: { threads: 4 } }],
    ['APICAST_WORKERS', '2', { workers: 2 }],
    ['APICAST_BACKEND_CACHE_HANDLER', 'resilient', { backend: { down: 'resilient' } }],
    ['APICAST_BACKEND_CACHE_HANDLER', 'none', { backend: { down: 'strict' } }],
    ['APICAST_LOG_LEVEL', 'notice', { logLevel: 'info' }],
    ['APICAST_LOG_LEVEL', 'emerg', { logLevel: 'fatal' }],
    ['APICAST_ACCESS_LOG_FILE', '/dev/stdout', { accessLog: 'stdout' }],
  ])('%s=%s', (name, value, expected) => {
    expect(readEnvironment({ ...LEAST, [name]: value }).settings).toMatchObject(expected);
  });

  it('BACKEND_ENDPOINT_OVERRIDE is the backend', () => {
    const { settings } = readEnvironment({
      ...LEAST,
      BACKEND_URL: undefined,
      BACKEND_ENDPOINT_OVERRIDE: 'http://b.test',
    });
    expect(settings.backend.url).toBe('http://b.test');
  });

  it('our own name wins', () => {
    expect(readEnvironment({ ...LEAST, WORKERS: '3', APICAST_WORKERS: '2' }).settings.workers).toBe(3);
  });

  it('what has no effect here is said', () => {
    const { notices } = readEnvironment({ ...LEAST, THREESCALE_PORTAL_ENDPOINT: 'https://token@portal.test' });
    expect(notices).toEqual([expect.stringMatching(/^THREESCALE_PORTAL_ENDPOINT: it has no effect here; /)]);
  });
});

it('every variable has one name', () => {
  expect(new Set(VARIABLES).size).toBe(VARIABLES.length);
});
