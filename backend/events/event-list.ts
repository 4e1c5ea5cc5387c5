import { isObject, text } from '../configuration/records/fields.ts';
import type { JsonObject } from '../configuration/records/fields.ts';
import type { DocumentKey, Json, Logs } from '../store/store.ts';

/** Events that wait to be fetched; older ones are dropped. */
const MAX_EVENTS = 10_000;
const LIST: DocumentKey = ['events'];

export interface StoredEvent {
  readonly id: number;
  readonly type: string;
  readonly timestamp: string;
  readonly object: Json;
}

/** Events for the provider's portal: first traffic and alerts (contract section 13). */
export class EventList {
  readonly #logs: Logs;

  constructor(logs: Logs) {
    this.#logs = logs;
  }

  append(type: string, object: JsonObject, timestamp: string): Promise<number> {
    return this.#logs.append(LIST, { type, object, timestamp }, MAX_EVENTS);
  }

  /** Oldest first. */
  async list(): Promise<readonly StoredEvent[]> {
    const entries = await this.#logs.range(LIST, 0, MAX_EVENTS);
    return entries.toReversed().flatMap(({ id, item }) => {
      if (!isObject(item)) return [];
      const object = item['object'] ?? null;
      return [{ id, type: text(item, 'type') ?? '', timestamp: text(item, 'timestamp') ?? '', object }];
    });
  }

  async isEmpty(): Promise<boolean> {
    return (await this.#logs.count(LIST)) === 0;
  }

  /** Whether there was one. */
  async delete(id: number): Promise<boolean> {
    return (await this.#logs.remove(LIST, id, false)) > 0;
  }

  /** How many there were with this id or a lower one. */
  deleteUpTo(id: number): Promise<number> {
    return this.#logs.remove(LIST, id, true);
  }
}
