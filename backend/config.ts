import { EnvironmentReader, isLoopback } from '../shared/env.ts';
import type { EnvironmentMap } from '../shared/env.ts';
import { LOG_LEVELS } from '../shared/log.ts';
import type { LogLevel } from '../shared/log.ts';

/** Settings of `tallygate backend`, read once at start. */
export interface BackendConfig {
  readonly host: string;
  /** 0: the system chooses. */
  readonly port: number;
  readonly store: StoreConfig;
  /** Keys and tokens are stored under digests that need it, and encrypted with it; null: plain digests, no encryption. The same for every process of one store. */
  readonly storeSecret: string | null;
  /** Basic credentials of the internal API; null: open (a loopback host only). */
  readonly internalApi: Credentials | null;
  /** Token of the analytics API; null: open (a loopback host only). */
  readonly adminToken: string | null;
  /** Whether this process works through the queue itself. */
  readonly worker: boolean;
  readonly events: EventsConfig | null;
  /** Service on which the calls of each provider are counted, for those who bill them; null: they are not. */
  readonly masterService: string | null;
  readonly retention: RetentionConfig;
  /** Longest time from the signal to the end of the process, ms. */
  readonly shutdownMs: number;
  readonly logLevel: LogLevel;
  /** Offers `/__test/...`: an empty store and another time for anyone who asks. */
  readonly testControl: boolean;
}

/** Settings of `tallygate worker`. */
export interface WorkerConfig {
  readonly adminHost: string;
  readonly adminPort: number;
  readonly store: RedisConfig;
  readonly storeSecret: string | null;
  readonly events: EventsConfig | null;
  readonly masterService: string | null;
  readonly retention: RetentionConfig;
  readonly shutdownMs: number;
  readonly logLevel: LogLevel;
  readonly testControl: boolean;
}

/** How long usage is kept by minute, hour and day, ms; months are kept for ever. */
export interface RetentionConfig {
  readonly minute: number;
  readonly hour: number;
  readonly day: number;
}

export type StoreConfig = RedisConfig | EmbeddedConfig;

export interface RedisConfig {
  readonly kind: 'redis';
  /** May hold a password. */
  readonly url: string;
  /** Replicas that must have a grant before it is answered (protocol R7); null: not set by the operator. */
  readonly waitReplicas: number | null;
}

export interface EmbeddedConfig {
  readonly kind: 'embedded';
  readonly folder: string;
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Webhook that is told of new events (3scale contract, reference section 13). */
export interface EventsConfig {
  readonly url: string;
  readonly secret: string;
}

/** Apisonator's own names are read where ours are unset. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  INTERNAL_API_USER: ['CONFIG_INTERNAL_API_USER'],
  INTERNAL_API_PASSWORD: ['CONFIG_INTERNAL_API_PASSWORD'],
  REDIS_URL: ['CONFIG_REDIS_PROXY', 'BACKEND_REDIS_URL'],
  MASTER_SERVICE_ID: ['CONFIG_MASTER_SERVICE_ID'],
  EVENTS_HOOK: ['CONFIG_EVENTS_HOOK'],
  EVENTS_HOOK_SECRET: ['CONFIG_EVENTS_HOOK_SHARED_SECRET'],
};

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Characters of STORE_SECRET. */
const MIN_SECRET = 16;

const REDIS_URL = /^(?:\/|(?:rediss?|rediss?\+sentinel|rediss?\+cluster|unix):\/\/)./;

/** Throws a ConfigurationError that lists every problem with its remedy. */
export function readBackendConfig(env: EnvironmentMap): BackendConfig {
  const reader = new EnvironmentReader(env, ALIASES);
  const host = reader.text('HOST') ?? '127.0.0.1';
  const config: BackendConfig = {
    host,
    port: reader.port('PORT', 3000),
    store: readStore(reader),
    internalApi: readInternalApi(reader),
    adminToken: reader.text('ADMIN_TOKEN'),
    worker: reader.flag('WORKER', true),
    ...readCommon(reader),
  };
  if (!isLoopback(host)) requireCredentials(reader, config);
  reader.finish();
  return Object.freeze(config);
}

/** Throws a ConfigurationError that lists every problem with its remedy. */
export function readWorkerConfig(env: EnvironmentMap): WorkerConfig {
  const reader = new EnvironmentReader(env, ALIASES);
  const store = readStore(reader);
  const config = {
    adminHost: reader.text('ADMIN_HOST') ?? '127.0.0.1',
    adminPort: reader.port('ADMIN_PORT', 3001),
    ...readCommon(reader),
  };
  if (store.kind !== 'redis') {
    reader.problem(
      'REDIS_URL',
      'it is not set',
      'give the Redis of the backends; without Redis the backend applies reports itself and needs no worker',
    );
  }
  reader.finish();
  if (store.kind !== 'redis') throw new Error('unreachable: a worker without Redis was reported');
  return Object.freeze({ ...config, store });
}

type Common = Omit<WorkerConfig, 'adminHost' | 'adminPort' | 'store'>;

function readCommon(reader: EnvironmentReader): Common {
  const testControl = reader.flag('TALLYGATE_TEST_CONTROL', false);
  return {
    storeSecret: readStoreSecret(reader),
    masterService: reader.text('MASTER_SERVICE_ID') ?? (testControl ? '1' : null),
    testControl,
    retention: readRetention(reader),
    events: readEvents(reader),
    shutdownMs: reader.integer('SHUTDOWN_SECONDS', 20, 1, 3600) * 1000,
    logLevel: reader.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
  };
}

function readStore(reader: EnvironmentReader): StoreConfig {
  const url = reader.find('REDIS_URL');
  const waitReplicas = reader.integer('REDIS_WAIT_REPLICAS', null, 0, 16);
  if (url === null) {
    if (waitReplicas !== null) {
      reader.problem('REDIS_WAIT_REPLICAS', 'there is no Redis to wait for', 'set REDIS_URL, or leave it out');
    }
    return { kind: 'embedded', folder: reader.text('DATA_DIR') ?? './data/store' };
  }
  if (!REDIS_URL.test(url.value)) {
    reader.problem(
      url.name,
      'it is not the address of a Redis',
      'use redis://HOST:PORT, rediss://, redis+sentinel://, redis+cluster:// or the path of a socket',
    );
  }
  return { kind: 'redis', url: url.value, waitReplicas };
}

function readInternalApi(reader: EnvironmentReader): Credentials | null {
  const user = reader.text('INTERNAL_API_USER');
  const password = reader.text('INTERNAL_API_PASSWORD');
  if (user === null && password === null) return null;
  if (user === null) reader.problem('INTERNAL_API_USER', 'it is not set beside the password', 'set both');
  if (password === null) reader.problem('INTERNAL_API_PASSWORD', 'it is not set beside the user', 'set both');
  return { user: user ?? '', password: password ?? '' };
}

function readRetention(reader: EnvironmentReader): RetentionConfig {
  return {
    minute: reader.integer('MINUTES_KEPT_HOURS', 3, 1, 720) * HOUR,
    hour: reader.integer('HOURS_KEPT_DAYS', 32, 1, 3660) * DAY,
    day: reader.integer('DAYS_KEPT_DAYS', 731, 32, 36_600) * DAY,
  };
}

function readStoreSecret(reader: EnvironmentReader): string | null {
  const secret = reader.text('STORE_SECRET');
  if (secret !== null && secret.length < MIN_SECRET) {
    reader.problem(
      'STORE_SECRET',
      'it is too short to protect anything',
      `use at least ${MIN_SECRET} random characters`,
    );
  }
  return secret;
}

function readEvents(reader: EnvironmentReader): EventsConfig | null {
  const url = reader.url('EVENTS_HOOK', ['http:', 'https:']);
  return url === null ? null : { url: url.href, secret: reader.text('EVENTS_HOOK_SECRET') ?? '' };
}

function requireCredentials(reader: EnvironmentReader, config: BackendConfig): void {
  const remedy = `set it, or leave HOST at 127.0.0.1`;
  const wrong = `it is required when HOST is ${JSON.stringify(config.host)}, which others can reach`;
  if (config.internalApi === null) {
    reader.problem('INTERNAL_API_USER', wrong, remedy);
    reader.problem('INTERNAL_API_PASSWORD', wrong, remedy);
  }
  if (config.adminToken === null) reader.problem('ADMIN_TOKEN', wrong, remedy);
  if (config.testControl) {
    reader.problem(
      'TALLYGATE_TEST_CONTROL',
      'it empties the store for anyone who asks',
      'use it with HOST=127.0.0.1 only',
    );
  }
}
