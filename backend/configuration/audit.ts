import type { Clock } from '../../shared/clock.ts';
import type { Json, Logs } from '../store/store.ts';
import { logKeys } from './document-keys.ts';
import { isObject } from './records/fields.ts';
import type { JsonObject } from './records/fields.ts';

/** Changes that are kept; older ones are dropped. */
const MAX_ENTRIES = 10_000;

/** What a change was: secrets appear as the first characters of their digest only. */
export interface AuditEntry {
  /** Such as `application.save`. */
  readonly action: string;
  /** What was changed, by its ids. */
  readonly subject: JsonObject;
  /** Null where it was not there before or is not there after. */
  readonly before: Json;
  readonly after: Json;
}

/** The trail of configuration changes: bounded, newest first. */
export class AuditTrail {
  readonly #logs: Logs;
  readonly #clock: Clock;

  constructor(logs: Logs, clock: Clock) {
    this.#logs = logs;
    this.#clock = clock;
  }

  /** `who`: a user of the internal API, or `anyone` where nobody has to say who they are. */
  async append(who: string, entry: AuditEntry): Promise<void> {
    const item = { time: new Date(this.#clock.now()).toISOString(), who, ...entry };
    await this.#logs.append(logKeys.audit(), item, MAX_ENTRIES);
  }

  /** Newest first: each with its id, the time (ISO 8601) and who. */
  async list(offset: number, count: number): Promise<readonly JsonObject[]> {
    const entries = await this.#logs.range(logKeys.audit(), offset, count);
    return entries.flatMap(({ id, item }) => (isObject(item) ? [{ id, ...item }] : []));
  }
}
