import type { StoreHealth } from '../store.ts';

/** What one server says of itself. */
export interface ServerFacts {
  /** New at every start of the server. */
  readonly runId: string;
  readonly version: string;
  readonly role: string;
  readonly loading: boolean;
  readonly policy: string;
  readonly appendOnly: boolean;
  /** Null when the user may not read it. */
  readonly appendFsync: string | null;
  /** Replicas that are connected and in step. */
  readonly replicas: number;
}

const MINIMUM_MAJOR = 7;

/** Reads the answer to INFO; `appendFsync` is what CONFIG GET told. */
export function readFacts(info: string, appendFsync: string | null): ServerFacts {
  const fields = new Map<string, string>();
  for (const line of info.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  const online = [...fields].filter(([name, value]) => /^slave\d+$/.test(name) && value.includes('state=online'));
  return {
    runId: fields.get('run_id') ?? '',
    version: fields.get('redis_version') ?? '0',
    role: fields.get('role') ?? '',
    loading: fields.get('loading') === '1',
    policy: fields.get('maxmemory_policy') ?? 'unknown',
    appendOnly: fields.get('aof_enabled') === '1',
    appendFsync,
    replicas: online.length,
  };
}

/** Why the store must not use this server; null when it may. */
export function refusal(facts: ServerFacts): { readonly code: string; readonly message: string } | null {
  if (facts.loading) return { code: 'loading', message: 'Redis is still reading its data from disk' };
  if (Number(facts.version.split('.')[0]) < MINIMUM_MAJOR) {
    return { code: 'version', message: `Redis ${facts.version} is too old: ${MINIMUM_MAJOR}.0 or newer is needed` };
  }
  if (facts.role !== 'master') return { code: 'read_only', message: `the server is a ${facts.role}, not a master` };
  if (facts.policy !== 'noeviction') {
    const message = `Redis may evict counters under maxmemory-policy ${facts.policy}: set it to noeviction`;
    return { code: 'eviction', message };
  }
  return null;
}

/** Is a grant safe before it is answered (protocol R7)? `wait` is the number of replicas that must have it. */
export function exactness(facts: ServerFacts, wait: number): Pick<StoreHealth, 'limits' | 'limitsReason'> {
  if (wait > 0) {
    const which = wait === 1 ? 'its replica' : `${wait} replicas`;
    return { limits: 'exact', limitsReason: `a grant is on ${which} before it is answered` };
  }
  if (facts.replicas > 0) {
    return bounded('a failover can lose grants: REDIS_WAIT_REPLICAS is 0 although there are replicas');
  }
  if (!facts.appendOnly) return bounded('a restart loses grants: Redis has no replica, and appendonly is off');
  if (facts.appendFsync === 'always') {
    return { limits: 'exact', limitsReason: 'a grant is synced to the append-only file before it is answered' };
  }
  return bounded(
    `a crash can lose grants: Redis has no replica, and appendfsync is ${facts.appendFsync ?? 'unknown'}, not always`,
  );
}

/** Why grants are not answered at present; empty: they are. `wait` as for `exactness`. */
export function grantsHeld({ replicas }: ServerFacts, wait: number): string {
  if (replicas >= wait) return '';
  const there = replicas === 0 ? 'none' : String(replicas);
  return `grants are held: of ${wait} replicas that must have a grant ${there} is in step; bring the others back, or set REDIS_WAIT_REPLICAS to as many as there are and restart the backends`;
}

function bounded(limitsReason: string): Pick<StoreHealth, 'limits' | 'limitsReason'> {
  return { limits: 'bounded', limitsReason };
}
