import { Type } from 'typebox';
import type { Static } from 'typebox';
import { LOG_LEVELS } from '../../shared/log.ts';
import { serviceSchema } from './service-schema.ts';
import { BACKEND_DOWN, JOURNAL_FULL, REPORTING_MODES } from './settings.ts';
import { durationSchema, object, optional, pipeliningSchema, sizeSchema } from './schema-parts.ts';

/**
 * The configuration file. This is the one source of its types, of the published JSON Schema
 * (docs/configuration.schema.json, written by `tallygate check --schema`) and of what `check` accepts.
 */
export const fileSchema = object({
  $schema: optional(Type.String({ description: 'Address of this schema, for editors.' })),
  host: optional(Type.String({ minLength: 1, description: 'Address to listen on (HOST).' })),
  port: optional(Type.Integer({ minimum: 0, maximum: 65_535, description: 'Port to listen on; 0 picks one (PORT).' })),
  adminHost: optional(Type.String({ minLength: 1, description: 'Address of the admin port (ADMIN_HOST).' })),
  adminPort: optional(Type.Integer({ minimum: 0, maximum: 65_535, description: 'The admin port (ADMIN_PORT).' })),
  workers: optional(Type.Integer({ minimum: 1, maximum: 256, description: 'Gateway processes (WORKERS).' })),
  shutdown: optional(durationSchema('Longest time a stop takes (SHUTDOWN_SECONDS).')),
  backend: optional(
    object({
      url: optional(Type.String({ minLength: 1, description: 'Address of the backend (BACKEND_URL).' })),
      timeout: optional(durationSchema('Longest wait for its answer (BACKEND_TIMEOUT_MS).')),
    }),
  ),
  backendDown: optional(
    Type.Enum([...BACKEND_DOWN], { description: 'What services do that say nothing else (BACKEND_DOWN).' }),
  ),
  staleSeconds: optional(
    Type.Number({
      minimum: 0,
      maximum: 31_536_000,
      description: 'Age of decisions that resilient serves from (STALE_SECONDS).',
    }),
  ),
  authsTtl: optional(durationSchema('How long a decision holds; 0s asks every time (AUTHS_TTL).')),
  reporting: optional(
    object({
      mode: optional(Type.Enum([...REPORTING_MODES], { description: 'REPORTING_MODE.' })),
      threads: optional(Type.Integer({ minimum: 0, maximum: 64, description: 'REPORTING_THREADS.' })),
      batch: optional(durationSchema('Time between two batches (BATCH_REPORT_SECONDS).')),
    }),
  ),
  journal: optional(
    object({
      dir: optional(Type.String({ minLength: 1, description: 'Folder (JOURNAL_DIR).' })),
      maxBytes: optional(sizeSchema('Largest size on disk (JOURNAL_MAX_BYTES).')),
      full: optional(Type.Enum([...JOURNAL_FULL], { description: 'What happens when it is full (JOURNAL_FULL).' })),
      fsync: optional(durationSchema('Time between two writes to the disk itself; 0s: never (JOURNAL_FSYNC_MS).')),
    }),
  ),
  timeouts: optional(
    object({
      head: optional(durationSchema('For a request head (TIMEOUT_HEAD_MS).')),
      body: optional(durationSchema('Between two parts of a body (TIMEOUT_BODY_MS).')),
      idle: optional(durationSchema('Of a client connection without a request (TIMEOUT_IDLE_MS).')),
      connect: optional(durationSchema('To connect to an upstream (TIMEOUT_CONNECT_MS).')),
      upstream: optional(durationSchema('For an upstream to answer, and between two parts (TIMEOUT_UPSTREAM_MS).')),
    }),
  ),
  pipelining: optional(pipeliningSchema('For upstreams that say nothing else (UPSTREAM_PIPELINING).')),
  limits: optional(
    object({
      connections: optional(
        Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Client connections open at once.' }),
      ),
      requestsPerConnection: optional(
        Type.Integer({ minimum: 1, maximum: 1_000_000_000, description: 'Requests on one client connection.' }),
      ),
      bodyRate: optional(
        Type.Integer({ minimum: 0, description: 'Least bytes per second of a request body; 0: none.' }),
      ),
    }),
  ),
  trustedProxies: optional(
    Type.Array(Type.String(), {
      description: 'Addresses or CIDRs of proxies whose X-Forwarded-* and Forwarded are believed.',
    }),
  ),
  log: optional(
    object({
      level: optional(Type.Enum([...LOG_LEVELS], { description: 'LOG_LEVEL.' })),
      access: optional(Type.String({ minLength: 1, description: 'off, stdout or a path (ACCESS_LOG).' })),
    }),
  ),
  services: optional(Type.Array(serviceSchema, { minItems: 1, maxItems: 10_000 })),
});

export type FileConfiguration = Static<typeof fileSchema>;

/** The schema as published. */
export function publishedSchema(): Record<string, unknown> {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Tallygate gateway configuration',
    ...fileSchema,
  };
}
