import type { Caller } from './caller.ts';

/** Callers by service and application, for changes of the configuration; those that were refused belong to none. */
export class CallersByApplication {
  readonly #services = new Map<string, Map<string, Set<Caller>>>();
  readonly #denied = new Map<string, Set<Caller>>();

  add(caller: Caller): void {
    if (caller.denied) {
      const denied = this.#denied.get(caller.service) ?? new Set<Caller>();
      this.#denied.set(caller.service, denied);
      denied.add(caller);
    }
    if (caller.application === null) return;
    const applications = this.#services.get(caller.service) ?? new Map<string, Set<Caller>>();
    this.#services.set(caller.service, applications);
    const callers = applications.get(caller.application) ?? new Set<Caller>();
    applications.set(caller.application, callers);
    callers.add(caller);
  }

  delete(caller: Caller): void {
    this.#denied.get(caller.service)?.delete(caller);
    if (caller.application === null) return;
    const applications = this.#services.get(caller.service);
    const callers = applications?.get(caller.application);
    callers?.delete(caller);
    if (callers?.size === 0) applications?.delete(caller.application);
    if (applications?.size === 0) this.#services.delete(caller.service);
  }

  /** Callers of one application, of every one of a service (`*`), or of every service (null). */
  *of(service: string | null, application: string): Iterable<Caller> {
    for (const [id, applications] of this.#services) {
      if (service !== null && id !== service) continue;
      if (application === '*') for (const callers of applications.values()) yield* callers;
      else yield* applications.get(application) ?? [];
    }
  }

  /** The refused callers of a service, or of all (null), which are no longer held to be refused. */
  *takeDenied(service: string | null): Iterable<Caller> {
    for (const [id, denied] of this.#denied) {
      if (service !== null && id !== service) continue;
      this.#denied.delete(id);
      yield* denied;
    }
  }
}
