import type { Authorizer, Call } from './authorizer.ts';
import type { Decision } from './decision.ts';

/**
 * Decides by one mode until it is known that the backend needs another. A call stays with the mode that it was
 * decided by.
 */
export class ChosenAuthorizer implements Authorizer {
  #current: Authorizer;
  /** Calls of the mode before, until they are over. */
  readonly #before = new Map<Call, Authorizer>();
  #replaced = false;

  constructor(first: Authorizer) {
    this.#current = first;
  }

  /** `next` decides from now on. Called before anything but outages was answered, or hardly anything is lost. */
  replace(next: Authorizer): void {
    this.#current = next;
    this.#replaced = true;
  }

  authorize(call: Call, resume: (decision: Decision) => void): Decision | null {
    if (!this.#replaced) this.#before.set(call, this.#current);
    return this.#current.authorize(call, resume);
  }

  abandon(call: Call): void {
    this.#of(call).abandon(call);
  }

  takeBack(call: Call): void {
    this.#of(call).takeBack(call);
  }

  finished(call: Call, status: number, failed: boolean): void {
    this.#of(call).finished(call, status, failed);
    this.#before.delete(call);
  }

  settle(call: Call, metric: string, actual: number): void {
    this.#of(call).settle(call, metric, actual);
  }

  commit(): boolean {
    return this.#current.commit();
  }

  #of(call: Call): Authorizer {
    return this.#before.get(call) ?? this.#current;
  }
}
