import { EnvironmentReader } from '../../shared/env.ts';
import type { EnvironmentMap } from '../../shared/env.ts';
import { LOG_LEVELS } from '../../shared/log.ts';
import { ALIASES, translateAliases, withoutEffect } from './aliases.ts';
import { misspeltNames } from './names.ts';
import { BACKEND_DOWN, JOURNAL_FULL, MAX_PIPELINING, REPORTING_MODES } from './settings.ts';
import type {
  EnvironmentService,
  GatewaySettings,
  JournalSettings,
  ReportingSettings,
  ServerSettings,
} from './settings.ts';
import { SettingsReader } from './settings-reader.ts';
import { targetProblem } from './target.ts';
import type { TargetRules } from './target.ts';

/** What the configuration file says of the process, as `GatewaySettings` has it; absent: the default holds. */
export interface FileSettings {
  readonly host?: string;
  readonly port?: number;
  readonly adminHost?: string;
  readonly adminPort?: number;
  readonly workers?: number;
  readonly shutdownSeconds?: number;
  readonly backend: Partial<GatewaySettings['backend']>;
  readonly reporting: Partial<ReportingSettings>;
  readonly journal: Partial<JournalSettings>;
  readonly server: Partial<ServerSettings>;
  readonly upstream: Partial<GatewaySettings['upstream']>;
  readonly logLevel?: GatewaySettings['logLevel'];
  readonly accessLog?: string;
  /** The file defines services, so the environment must not. */
  readonly hasServices: boolean;
}

export interface Environment {
  readonly settings: GatewaySettings;
  /** Null: the services are those of the file. */
  readonly service: EnvironmentService | null;
  /** Worth a line in the log: what is set without effect. */
  readonly notices: readonly string[];
}

export const NO_FILE: FileSettings = {
  backend: {},
  reporting: {},
  journal: {},
  server: {},
  upstream: {},
  hasServices: false,
};

/** The path of the configuration file, or null. */
export function configFileOf(env: EnvironmentMap): string | null {
  return new EnvironmentReader(env, ALIASES).text('CONFIG_FILE');
}

/** Reads every variable of the gateway; the file's settings stand where a variable is unset. Throws a ConfigurationError with all problems. */
export function readEnvironment(env: EnvironmentMap, file: FileSettings = NO_FILE): Environment {
  const reader = new SettingsReader(translateAliases(env), ALIASES);
  const settings = readSettings(reader, file);
  const service = file.hasServices ? refuseService(reader) : readService(reader);
  for (const { name, meant } of misspeltNames(env)) {
    reader.problem(name, 'there is no such variable', meant === null ? 'leave it out' : `did you mean ${meant}?`);
  }
  reader.finish();
  return { settings: Object.freeze(settings), service, notices: withoutEffect(env) };
}

function readSettings(reader: SettingsReader, file: FileSettings): GatewaySettings {
  const host = reader.text('HOST') ?? file.host ?? '0.0.0.0';
  const workers = reader.integer('WORKERS', file.workers ?? 1, 1, 256);
  return {
    host,
    port: reader.port('PORT', file.port ?? 8080),
    adminHost: reader.text('ADMIN_HOST') ?? file.adminHost ?? host,
    adminPort: reader.port('ADMIN_PORT', file.adminPort ?? 8090),
    workers,
    shutdownSeconds: reader.seconds('SHUTDOWN_SECONDS', file.shutdownSeconds ?? 20, 0, 3600),
    backend: {
      url: readBackendUrl(reader, file),
      timeoutMs: reader.integer('BACKEND_TIMEOUT_MS', file.backend.timeoutMs ?? 500, 1, 60_000),
      down: reader.oneOf('BACKEND_DOWN', BACKEND_DOWN, file.backend.down ?? 'strict'),
      staleSeconds: reader.seconds('STALE_SECONDS', file.backend.staleSeconds ?? 300, 0, 31_536_000),
    },
    reporting: readReporting(reader, file.reporting),
    journal: readJournal(reader, file.journal, workers),
    server: readServer(reader, file.server),
    upstream: {
      connectTimeoutMs: reader.integer('TIMEOUT_CONNECT_MS', file.upstream.connectTimeoutMs ?? 1000, 1, 3_600_000),
      timeoutMs: reader.integer('TIMEOUT_UPSTREAM_MS', file.upstream.timeoutMs ?? 60_000, 1, 86_400_000),
      pipelining: reader.integer('UPSTREAM_PIPELINING', file.upstream.pipelining ?? 1, 1, MAX_PIPELINING),
    },
    logLevel: reader.oneOf('LOG_LEVEL', LOG_LEVELS, file.logLevel ?? 'info'),
    accessLog: reader.text('ACCESS_LOG') ?? file.accessLog ?? 'off',
  };
}

function readReporting(reader: SettingsReader, file: Partial<ReportingSettings>): ReportingSettings {
  const mode = reader.oneOf('REPORTING_MODE', ['auto', ...REPORTING_MODES], file.mode ?? 'auto');
  return {
    mode: mode === 'auto' ? null : mode,
    threads: reader.integer('REPORTING_THREADS', file.threads ?? 0, 0, 64),
    batchSeconds: reader.seconds('BATCH_REPORT_SECONDS', file.batchSeconds ?? 1, 0.05, 3600),
    authsTtlSeconds: reader.seconds('AUTHS_TTL', file.authsTtlSeconds ?? 10, 0, 86_400),
  };
}

/** Each worker has an equal share of the bytes, and needs room for a few segments. */
function readJournal(reader: SettingsReader, file: Partial<JournalSettings>, workers: number): JournalSettings {
  return {
    folder: reader.text('JOURNAL_DIR') ?? file.folder ?? './data/journal',
    maxBytes: reader.size('JOURNAL_MAX_BYTES', file.maxBytes ?? 1_073_741_824, 65_536 * workers),
    full: reader.oneOf('JOURNAL_FULL', JOURNAL_FULL, file.full ?? 'refuse'),
    fsyncMs: reader.integer('JOURNAL_FSYNC_MS', file.fsyncMs ?? 100, 0, 60_000),
  };
}

function readServer(reader: SettingsReader, file: Partial<ServerSettings>): ServerSettings {
  return {
    headTimeoutMs: reader.integer('TIMEOUT_HEAD_MS', file.headTimeoutMs ?? 10_000, 1, 3_600_000),
    bodyTimeoutMs: reader.integer('TIMEOUT_BODY_MS', file.bodyTimeoutMs ?? 30_000, 1, 3_600_000),
    idleTimeoutMs: reader.integer('TIMEOUT_IDLE_MS', file.idleTimeoutMs ?? 75_000, 1, 3_600_000),
    maxConnections: file.maxConnections ?? 20_000,
    maxRequestsPerConnection: file.maxRequestsPerConnection ?? 1000,
    minBodyRate: file.minBodyRate ?? 256,
    trustedProxies: file.trustedProxies ?? [],
  };
}

const NO_SERVICES = 'set it, or give a file with services in CONFIG_FILE';

function readService(reader: SettingsReader): EnvironmentService {
  return {
    id: reader.required('SERVICE_ID', NO_SERVICES),
    token: reader.required('SERVICE_TOKEN', NO_SERVICES),
    upstreamUrl: readTarget(reader, 'UPSTREAM_URL', NO_SERVICES, { unixSockets: true, path: false }),
  };
}

function readBackendUrl(reader: SettingsReader, file: FileSettings): string {
  if (reader.find('BACKEND_URL') === null && file.backend.url !== undefined) return file.backend.url;
  const remedy = 'set it, or backend.url in the file of CONFIG_FILE';
  return readTarget(reader, 'BACKEND_URL', remedy, { unixSockets: false, path: true });
}

/** One source for services: variables beside a file that defines them would be read by nobody. */
function refuseService(reader: SettingsReader): null {
  for (const name of ['UPSTREAM_URL', 'SERVICE_ID', 'SERVICE_TOKEN']) {
    if (reader.find(name) === null) continue;
    reader.problem(
      name,
      'the configuration file defines the services',
      'leave it out, or leave "services" out of the file',
    );
  }
  return null;
}

/** An address, as far as it is known here; `''` with a problem noted when there is none. */
function readTarget(reader: SettingsReader, name: string, remedy: string, rules: TargetRules): string {
  const found = reader.find(name);
  if (found === null) return reader.required(name, remedy);
  const problem = targetProblem(found.value, rules);
  if (problem !== null) reader.problem(found.name, problem.wrong, problem.remedy);
  return withoutLastSlash(found.value);
}

function withoutLastSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
