import type { ApplicationRef } from '../../store/store.ts';
import type { Applications } from './applications.ts';

/** Most filters of an application; more are refused. */
export const MAX_FILTERS = 1000;

/** Referrer filters of applications. Each call answers null when there is no such application. */
export class ReferrerFilters {
  readonly #applications: Applications;

  constructor(applications: Applications) {
    this.#applications = applications;
  }

  /** In alphabetical order. */
  async list(ref: ApplicationRef): Promise<readonly string[] | null> {
    const record = await this.#applications.get(ref);
    return record === null ? null : [...record.referrerFilters].toSorted();
  }

  /** False when there are MAX_FILTERS already. */
  add(who: string, ref: ApplicationRef, filter: string): Promise<boolean | null> {
    return this.#applications.edit(who, ref, 'referrer-filter.add', (record) => {
      if (record.referrerFilters.includes(filter)) return { record, result: true };
      if (record.referrerFilters.length >= MAX_FILTERS) return { record, result: false };
      return { record: { ...record, referrerFilters: [...record.referrerFilters, filter] }, result: true };
    });
  }

  /** False when the application does not have this filter. */
  delete(who: string, ref: ApplicationRef, filter: string): Promise<boolean | null> {
    return this.#applications.edit(who, ref, 'referrer-filter.delete', (record) => {
      if (!record.referrerFilters.includes(filter)) return { record, result: false };
      const referrerFilters = record.referrerFilters.filter((known) => known !== filter);
      return { record: { ...record, referrerFilters }, result: true };
    });
  }
}
