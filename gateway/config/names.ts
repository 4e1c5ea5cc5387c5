import type { EnvironmentMap } from '../../shared/env.ts';
import { editDistance } from '../../shared/suggest.ts';
import { ALIASES } from './aliases.ts';

/** Every variable of the gateway, in the order of docs/configuration.md. */
export const VARIABLES = [
  'HOST',
  'PORT',
  'ADMIN_HOST',
  'ADMIN_PORT',
  'UPSTREAM_URL',
  'BACKEND_URL',
  'SERVICE_ID',
  'SERVICE_TOKEN',
  'CONFIG_FILE',
  'REPORTING_THREADS',
  'REPORTING_MODE',
  'BATCH_REPORT_SECONDS',
  'AUTHS_TTL',
  'BACKEND_DOWN',
  'STALE_SECONDS',
  'BACKEND_TIMEOUT_MS',
  'JOURNAL_DIR',
  'JOURNAL_MAX_BYTES',
  'JOURNAL_FULL',
  'JOURNAL_FSYNC_MS',
  'WORKERS',
  'SHUTDOWN_SECONDS',
  'TIMEOUT_HEAD_MS',
  'TIMEOUT_BODY_MS',
  'TIMEOUT_IDLE_MS',
  'TIMEOUT_CONNECT_MS',
  'TIMEOUT_UPSTREAM_MS',
  'UPSTREAM_PIPELINING',
  'LOG_LEVEL',
  'ACCESS_LOG',
] as const;

/** Variables of the other processes, which may share an environment with the gateway. */
const OF_OTHERS = new Set(['WORKER', 'TALLYGATE_TEST_CONTROL', 'REDIS_URL', 'DATA_DIR']);
const KNOWN: ReadonlySet<string> = new Set([...VARIABLES, ...Object.values(ALIASES).flat()]);
const PREFIX = 'TALLYGATE_';

/**
 * Names that are set and were probably meant to be one of ours: with our prefix, or nearly the same. Short names are
 * left alone: HOSTNAME and many others are in every environment.
 */
export function misspeltNames(
  env: EnvironmentMap,
): readonly { readonly name: string; readonly meant: string | null }[] {
  const found: { name: string; meant: string | null }[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || value === '' || KNOWN.has(name) || OF_OTHERS.has(name)) continue;
    if (name.startsWith(PREFIX)) found.push({ name, meant: nearest(name.slice(PREFIX.length), 3) });
    else if (name.length >= 8 && nearest(name, 2) !== null) found.push({ name, meant: nearest(name, 2) });
  }
  return found;
}

/** The variable of ours that is nearest and within `distance` edits, or that only lacks a last word. */
function nearest(name: string, distance: number): string | null {
  const upper = name.toUpperCase();
  const byDistance = VARIABLES.map((ours) => ({ ours, edits: editDistance(upper, ours) }))
    .filter(({ ours, edits }) => edits <= distance && edits * 3 <= ours.length)
    .toSorted((a, b) => a.edits - b.edits);
  const withLastWord = VARIABLES.find((ours) => upper.includes('_') && ours.startsWith(`${upper}_`));
  return byDistance[0]?.ours ?? withLastWord ?? null;
}
