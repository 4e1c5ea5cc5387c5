/** What a candidate has to know, and what it is asked to do. Those that cannot do a thing ignore it. */
export interface Setup {
  /** Services, each with its own host; one alone has every host. */
  readonly services: number;
  /** Callers known to each service. */
  readonly applications: number;
  /** Mapping rules (routes) of each service. */
  readonly rules: number;
  /** Callers are known by their key. */
  readonly key: boolean;
  /** Callers have a limit a minute: one that must be kept, and that is never reached. */
  readonly limit: boolean;
  /** All services, callers and rules are asked for in turn; else one caller always asks for what the last rule is for. */
  readonly spread: boolean;
}

/** One caller with a key and a limit. */
export const ONE_CALLER: Setup = { services: 1, applications: 1, rules: 1, key: true, limit: true, spread: false };

/** Hits a minute that a caller may make when there is a limit. */
export const LIMIT = 1_000_000_000;

/** What a request asks for. */
export interface Target {
  readonly host: string;
  /** Path with query. */
  readonly path: string;
}

export function userKey(index: number): string {
  return `load-key-${String(index).padStart(7, '0')}`;
}

export function userKeys(count: number): string[] {
  return Array.from({ length: count }, (_, index) => userKey(index));
}

export function hostOf(service: number): string {
  return `s${service}.test`;
}

/** The pattern of each rule, `/v1/` first. */
export function patterns(rules: number): string[] {
  return Array.from({ length: rules }, (_, index) => `/v${index + 1}/`);
}

/** The requests that are made in turn: every service, caller and rule occurs in them when they are spread. */
export function targetsOf({ services, applications, rules, spread }: Setup): Target[] {
  const count = spread ? Math.max(services, applications, rules) : 1;
  return Array.from({ length: count }, (_, index) => ({
    host: services === 1 ? '127.0.0.1' : hostOf(index % services),
    path: `/v${rules - (index % rules)}/items?user_key=${userKey(index % applications)}`,
  }));
}
