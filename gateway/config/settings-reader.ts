import { EnvironmentReader } from '../../shared/env.ts';
import { ValueError, seconds, size } from './values.ts';
import type { Parser } from './values.ts';

/** Reads the kinds of value that only the gateway has. */
export class SettingsReader extends EnvironmentReader {
  /** The value, or `''` with a problem noted. */
  required(name: string, remedy: string): string {
    const value = this.text(name);
    if (value === null) this.problem(name, 'it is required', remedy);
    return value ?? '';
  }

  /** Seconds, with a fraction if need be. */
  seconds(name: string, fallback: number, minimum: number, maximum: number): number {
    return this.#parsed(name, fallback, seconds(minimum, maximum));
  }

  /** Bytes, such as 1048576 or 1GiB. */
  size(name: string, fallback: number, minimum: number): number {
    const bytes = this.#parsed(name, fallback, size);
    if (bytes < minimum) this.problem(name, `${bytes} bytes are too few`, `use at least ${minimum}`);
    return bytes;
  }

  #parsed(name: string, fallback: number, parse: Parser<number>): number {
    const found = this.find(name);
    if (found === null) return fallback;
    try {
      return parse(found.value);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      this.problem(found.name, error.wrong, error.remedy);
      return fallback;
    }
  }
}
