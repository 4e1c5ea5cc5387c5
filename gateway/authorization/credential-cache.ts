import type { Credentials } from './authorizer.ts';

/** What a cache holds: it carries its own place in the order of use. */
export class CacheEntry {
  readonly service: string;
  readonly credentials: Credentials;
  /** Neighbours in the order of use; the cache's own business. */
  newer: CacheEntry | null = null;
  older: CacheEntry | null = null;

  constructor(service: string, credentials: Credentials) {
    this.service = service;
    this.credentials = credentials;
  }
}

type Second<T> = Map<string | null, T>;

interface Tables<T> {
  readonly userKeys: Map<string, T>;
  readonly tokens: Map<string, T>;
  readonly applications: Map<string, Second<T>>;
}

/**
 * Bounded memory by service and credentials; the least recently used goes first. Nested maps, so that no two credentials
 * can ever share an entry.
 */
export class CredentialCache<T extends CacheEntry> {
  size = 0;
  evictions = 0;
  readonly #capacity: number;
  readonly #evicted: (entry: T) => void;
  readonly #services = new Map<string, Tables<T>>();
  readonly #entries = new Map<CacheEntry, T>();
  #newest: CacheEntry | null = null;
  #oldest: CacheEntry | null = null;

  constructor(capacity: number, evicted: (entry: T) => void) {
    this.#capacity = capacity;
    this.#evicted = evicted;
  }

  get(service: string, credentials: Credentials): T | undefined {
    const tables = this.#services.get(service);
    if (tables === undefined) return undefined;
    const entry = lookUp(tables, credentials);
    if (entry !== undefined && entry !== this.#newest) {
      this.#unlink(entry);
      this.#link(entry);
    }
    return entry;
  }

  /** Adds it; an entry that was there for the same credentials is replaced. */
  add(entry: T): void {
    const old = this.get(entry.service, entry.credentials);
    if (old !== undefined) this.delete(old);
    let tables = this.#services.get(entry.service);
    if (tables === undefined) {
      this.#services.set(entry.service, (tables = { userKeys: new Map(), tokens: new Map(), applications: new Map() }));
    }
    store(tables, entry);
    this.#entries.set(entry, entry);
    this.#link(entry);
    this.size += 1;
    if (this.size > this.#capacity) this.#evictOldest();
  }

  /** False: it is not (or no longer) here. */
  delete(entry: T): boolean {
    if (!this.#entries.delete(entry)) return false;
    const tables = this.#services.get(entry.service);
    if (tables !== undefined) forget(tables, entry.credentials);
    this.#unlink(entry);
    this.size -= 1;
    return true;
  }

  *[Symbol.iterator](): Generator<T> {
    yield* this.#entries.values();
  }

  #evictOldest(): void {
    const oldest = this.#oldest === null ? undefined : this.#entries.get(this.#oldest);
    if (oldest === undefined) return;
    this.delete(oldest);
    this.evictions += 1;
    this.#evicted(oldest);
  }

  #link(entry: CacheEntry): void {
    entry.newer = null;
    entry.older = this.#newest;
    if (this.#newest !== null) this.#newest.newer = entry;
    this.#newest = entry;
    this.#oldest ??= entry;
  }

  #unlink(entry: CacheEntry): void {
    if (entry.newer === null) this.#newest = entry.older;
    else entry.newer.older = entry.older;
    if (entry.older === null) this.#oldest = entry.newer;
    else entry.older.newer = entry.newer;
    entry.newer = null;
    entry.older = null;
  }
}

function lookUp<T>(tables: Tables<T>, credentials: Credentials): T | undefined {
  switch (credentials.kind) {
    case 'user_key':
      return tables.userKeys.get(credentials.userKey);
    case 'app_id':
      return tables.applications.get(credentials.appId)?.get(credentials.appKey);
    case 'token':
      return tables.tokens.get(credentials.token);
  }
}

function store<T extends CacheEntry>(tables: Tables<T>, entry: T): void {
  const { credentials } = entry;
  if (credentials.kind === 'user_key') tables.userKeys.set(credentials.userKey, entry);
  else if (credentials.kind === 'token') tables.tokens.set(credentials.token, entry);
  else {
    let keys = tables.applications.get(credentials.appId);
    if (keys === undefined) tables.applications.set(credentials.appId, (keys = new Map()));
    keys.set(credentials.appKey, entry);
  }
}

function forget<T>(tables: Tables<T>, credentials: Credentials): void {
  if (credentials.kind === 'user_key') tables.userKeys.delete(credentials.userKey);
  else if (credentials.kind === 'token') tables.tokens.delete(credentials.token);
  else {
    const keys = tables.applications.get(credentials.appId);
    keys?.delete(credentials.appKey);
    if (keys?.size === 0) tables.applications.delete(credentials.appId);
  }
}
