import type { Clock } from '../../shared/clock.ts';
import { logKeys } from '../configuration/document-keys.ts';
import { isObject, text } from '../configuration/records/fields.ts';
import type { IntegrationErrors } from '../integration-errors.ts';
import type { Logs } from '../store/store.ts';
import { utcText } from './utc-text.ts';

/** Errors kept per service. */
const MAX_ERRORS = 1000;

export interface StoredError {
  readonly code: string;
  readonly message: string;
  readonly timestamp: string;
}

/** Integration errors of services, newest first. What a caller sent is not kept with them: it holds keys. */
export class StoredErrors implements IntegrationErrors {
  readonly #logs: Logs;
  readonly #clock: Clock;

  constructor(logs: Logs, clock: Clock) {
    this.#logs = logs;
    this.#clock = clock;
  }

  async record(service: string, error: { readonly code: string; readonly message: string }): Promise<void> {
    const item = { code: error.code, message: error.message, timestamp: utcText(this.#clock.now()) };
    await this.#logs.append(logKeys.errors(service), item, MAX_ERRORS);
  }

  async list(service: string, offset: number, count: number): Promise<readonly StoredError[]> {
    const entries = await this.#logs.range(logKeys.errors(service), offset, count);
    return entries.flatMap(({ item }) => {
      if (!isObject(item)) return [];
      const field = (name: string) => text(item, name) ?? '';
      return [{ code: field('code'), message: field('message'), timestamp: field('timestamp') }];
    });
  }

  count(service: string): Promise<number> {
    return this.#logs.count(logKeys.errors(service));
  }

  async clear(service: string): Promise<void> {
    await this.#logs.clear(logKeys.errors(service));
  }
}
