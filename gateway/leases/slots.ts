import type { Journal } from '../journal/contract.ts';
import { SharedOwner } from './shared-owner.ts';
import { Slot } from './slot.ts';

/** Every application and metric of which something is held or was asked lately. Bounded. */
export class Slots {
  readonly #journal: Journal;
  readonly #max: number;
  readonly #byService = new Map<string, Map<string, Map<string, Slot>>>();
  readonly #all: Slot[] = [];
  #cursor = 0;

  constructor(journal: Journal, max: number) {
    this.#journal = journal;
    this.#max = max;
  }

  get size(): number {
    return this.#all.length;
  }

  get all(): readonly Slot[] {
    return this.#all;
  }

  find(service: string, application: string, metric: string): Slot | undefined {
    return this.#byService.get(service)?.get(application)?.get(metric);
  }

  /** Finds or makes it; null when the table is full. */
  get(service: string, application: string, metric: string, now: number): Slot | null {
    const known = this.find(service, application, metric);
    if (known !== undefined) return known;
    if (this.#all.length >= this.#max) return null;
    const applications = this.#byService.get(service) ?? new Map<string, Map<string, Slot>>();
    const metrics = applications.get(application) ?? new Map<string, Slot>();
    this.#byService.set(service, applications);
    applications.set(application, metrics);
    const owner = new SharedOwner(this.#journal, { service, kind: 'application', id: application });
    const slot = new Slot(service, application, metric, owner, this.#journal.metric(metric), now);
    slot.index = this.#all.length;
    this.#all.push(slot);
    metrics.set(metric, slot);
    return slot;
  }

  /** Those of one application, or of every application of a service (`*`). */
  *of(service: string, application: string): Iterable<Slot> {
    const applications = this.#byService.get(service);
    if (applications === undefined) return;
    if (application === '*') for (const metrics of applications.values()) yield* metrics.values();
    else yield* applications.get(application)?.values() ?? [];
  }

  /** The next `count` of an endless round over all. */
  *some(count: number): Iterable<Slot> {
    for (let left = Math.min(count, this.#all.length); left > 0; left -= 1) {
      if (this.#cursor >= this.#all.length) this.#cursor = 0;
      const slot = this.#all[this.#cursor];
      if (slot === undefined) return;
      this.#cursor += 1;
      yield slot;
    }
  }

  delete(slot: Slot): void {
    const last = this.#all.pop();
    if (last === undefined || slot.index < 0) return;
    if (last !== slot) {
      this.#all[slot.index] = last;
      last.index = slot.index;
    }
    slot.index = -1;
    slot.owner.retire();
    const applications = this.#byService.get(slot.service);
    const metrics = applications?.get(slot.application);
    metrics?.delete(slot.metric);
    if (metrics?.size === 0) applications?.delete(slot.application);
    if (applications?.size === 0) this.#byService.delete(slot.service);
  }
}
