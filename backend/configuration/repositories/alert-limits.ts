import { ALERT_BINS } from '../../domain/alerts.ts';
import type { Documents, Json } from '../../store/store.ts';
import { documentKeys } from '../document-keys.ts';
import { isList } from '../records/fields.ts';
import { unchanged } from '../writer.ts';
import type { Writer } from '../writer.ts';

/** Percentages of a limit at which a provider wants an alert. The service need not exist. */
export class AlertLimits {
  readonly #documents: Documents;
  readonly #writer: Writer;

  constructor(documents: Documents, writer: Writer) {
    this.#documents = documents;
    this.#writer = writer;
  }

  /** Ascending. */
  async list(service: string): Promise<readonly number[]> {
    return readAlertLimits(await this.#documents.get(documentKeys.alertLimits(service)));
  }

  /** False when `percent` is none of ALERT_BINS. */
  async add(who: string, service: string, percent: number): Promise<boolean> {
    if (!ALERT_BINS.includes(percent)) return false;
    await this.#edit(who, service, 'alert-limit.add', (limits) =>
      limits.includes(percent) ? limits : [...limits, percent].toSorted((a, b) => a - b),
    );
    return true;
  }

  /** False when there was none. */
  delete(who: string, service: string, percent: number): Promise<boolean> {
    return this.#edit(who, service, 'alert-limit.delete', (limits) =>
      limits.includes(percent) ? limits.filter((known) => known !== percent) : limits,
    );
  }

  /** Whether anything changed. */
  #edit(
    who: string,
    service: string,
    action: string,
    edit: (limits: readonly number[]) => readonly number[],
  ): Promise<boolean> {
    const key = documentKeys.alertLimits(service);
    return this.#writer.change<boolean>(who, [key], ([value]) => {
      const before = readAlertLimits(value);
      const after = edit(before);
      if (after === before) return unchanged(false);
      const writes = [{ key, value: after.length === 0 ? null : after }];
      return { writes, changed: [], audit: { action, subject: { service }, before, after }, result: true };
    });
  }
}

export function readAlertLimits(value: Json | undefined): readonly number[] {
  return isList(value) ? value.filter((item) => typeof item === 'number') : [];
}
