import type { Clock } from '../../shared/clock.ts';
import type { Documents, Json } from '../store/store.ts';
import { isObject } from './records/fields.ts';
import type { JsonObject } from './records/fields.ts';

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

/** The trail of configuration changes: bounded, newest first. An entry is written with its change, or neither is. */
export class AuditTrail {
  readonly #documents: Documents;
  readonly #clock: Clock;

  constructor(documents: Documents, clock: Clock) {
    this.#documents = documents;
    this.#clock = clock;
  }

  /** What is written with a change. `who`: a user of the internal API, or `anyone` where nobody has to say who they are. */
  entry(who: string, { action, subject, before, after }: AuditEntry): JsonObject {
    return { time: new Date(this.#clock.now()).toISOString(), who, action, subject, before, after };
  }

  /** Newest first: each with its id, the time (ISO 8601) and who. */
  async list(offset: number, count: number): Promise<readonly JsonObject[]> {
    const entries = await this.#documents.trail(offset, count);
    return entries.flatMap(({ id, item }) => (isObject(item) ? [{ id, ...item }] : []));
  }
}
