/** Versions that may be heard ahead of a missing one. */
const MAX_AHEAD = 10_000;

/**
 * The version up to which every change of the configuration was heard here, so that what is remembered is at least as
 * new. Changes are heard in any order, each once.
 */
export class KnownVersion {
  #complete = 0;
  readonly #ahead = new Set<number>();

  get value(): number {
    return this.#complete;
  }

  heard(version: number): void {
    if (version <= this.#complete || this.#ahead.size >= MAX_AHEAD) return;
    this.#ahead.add(version);
    this.#advance();
  }

  /** Everything was forgotten after the store had said `version`: what is remembered from now on is no older. */
  restart(version: number): void {
    this.#complete = version;
    for (const ahead of this.#ahead) if (ahead <= version) this.#ahead.delete(ahead);
    this.#advance();
  }

  #advance(): void {
    while (this.#ahead.delete(this.#complete + 1)) this.#complete += 1;
  }
}
