/** A process environment, as a map: parsing never reads `process.env` itself. */
export type EnvironmentMap = Readonly<Record<string, string | undefined>>;

/** Thrown when the settings cannot be used. Holds every problem, so that one run shows all that has to be put right. */
export class ConfigurationError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigurationError';
    this.problems = problems;
  }
}

/**
 * Reads typed settings from an environment map. A variable that is unset or empty gives the fallback; a bad value is
 * noted as a problem, in the form `NAME: what is wrong; what would be right`, and reading goes on. `finish` throws
 * once for all of them.
 */
export class EnvironmentReader {
  readonly problems: string[] = [];
  readonly #env: EnvironmentMap;
  readonly #aliases: Readonly<Record<string, readonly string[]>>;

  /** `aliases` gives, for a name, further names that are read when it is unset, in their order. */
  constructor(env: EnvironmentMap, aliases: Readonly<Record<string, readonly string[]>> = {}) {
    this.#env = env;
    this.#aliases = aliases;
  }

  /** The value and the name under which it was found; null when unset or empty. */
  find(name: string): { readonly name: string; readonly value: string } | null {
    for (const candidate of [name, ...(this.#aliases[name] ?? [])]) {
      const value = this.#env[candidate]?.trim();
      if (value !== undefined && value !== '') return { name: candidate, value };
    }
    return null;
  }

  text(name: string): string | null {
    return this.find(name)?.value ?? null;
  }

  /** A whole number in decimal digits, from `min` to `max`. */
  integer<F extends number | null>(name: string, fallback: F, min: number, max: number): number | F {
    const found = this.find(name);
    if (found === null) return fallback;
    const value = /^\d{1,15}$/.test(found.value) ? Number(found.value) : Number.NaN;
    if (value >= min && value <= max) return value;
    return this.#bad(found, `use a whole number from ${min} to ${max}`, fallback);
  }

  /** A TCP port; 0 lets the system choose. */
  port(name: string, fallback: number): number {
    return this.integer(name, fallback, 0, 65_535);
  }

  oneOf<T extends string>(name: string, values: readonly T[], fallback: T): T {
    const found = this.find(name);
    if (found === null) return fallback;
    const value = values.find((candidate) => candidate === found.value);
    return value ?? this.#bad(found, `use one of ${values.join(', ')}`, fallback);
  }

  /** `on`, `true`, `1`, `yes` or `off`, `false`, `0`, `no`. */
  flag(name: string, fallback: boolean): boolean {
    const found = this.find(name);
    if (found === null) return fallback;
    if (['on', 'true', '1', 'yes'].includes(found.value.toLowerCase())) return true;
    if (['off', 'false', '0', 'no'].includes(found.value.toLowerCase())) return false;
    return this.#bad(found, 'use on or off', fallback);
  }

  /** An absolute URL of one of the `protocols` (written as `http:`), without a fragment. The value itself is not shown: it may hold a password. */
  url(name: string, protocols: readonly string[]): URL | null {
    const found = this.find(name);
    if (found === null) return null;
    const url = URL.canParse(found.value) ? new URL(found.value) : null;
    if (url !== null && protocols.includes(url.protocol) && url.host !== '') return url;
    const schemes = protocols.map((protocol) => `${protocol}//`).join(' or ');
    this.problem(found.name, 'it is not a URL that can be used here', `use one that starts with ${schemes}`);
    return null;
  }

  problem(name: string, wrong: string, remedy: string): void {
    this.problems.push(`${name}: ${wrong}; ${remedy}`);
  }

  /** Throws a ConfigurationError when anything was wrong. */
  finish(): void {
    if (this.problems.length > 0) throw new ConfigurationError(this.problems);
  }

  #bad<F>(found: { readonly name: string; readonly value: string }, remedy: string, fallback: F): F {
    this.problem(found.name, `${JSON.stringify(found.value.slice(0, 40))} cannot be used`, remedy);
    return fallback;
  }
}

/** Is this the name or address of the machine itself, reachable from nowhere else? */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
