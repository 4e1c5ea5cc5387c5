/** How long, on average, the last request of a pipeline may have to wait for those before it, ms. */
const LONGEST_WAIT = 5;
/** Weight of the latest answer in the average. */
const WEIGHT = 1 / 16;
/** Requests that may be sent a second time, for each request that was answered. */
const RESENT_SHARE = 0.1;
const MAX_CREDIT = 100;

/**
 * How many requests may be under way on one connection of a target: as many as the configuration allows, as long as
 * the target answers so fast that they do not hold each other up, and keeps its connections so well that few of them
 * have to be sent again. It begins with one, and goes back to one when either is not so.
 */
export class PipelineDepth {
  readonly #most: number;
  #answerMs = LONGEST_WAIT;
  #credit = 0;
  #depth = 1;
  #trusted = true;

  /** `most` ≥ 1; 1: never more than one. */
  constructor(most: number) {
    this.#most = most;
  }

  get value(): number {
    return this.#depth;
  }

  /** The target took `ms` for an answer, counted from its request or from the answer before it on the connection. */
  answered(ms: number): void {
    if (this.#most === 1) return;
    this.#answerMs += (ms - this.#answerMs) * WEIGHT;
    this.#credit = Math.min(MAX_CREDIT, this.#credit + RESENT_SHARE);
    this.#settle();
  }

  /** So many that were sent behind others got no answer there. */
  resent(count: number): void {
    this.#credit = Math.max(-MAX_CREDIT, this.#credit - count);
    this.#settle();
  }

  /** The target has sent what nobody asked for: among several requests it would be taken for an answer. For good. */
  distrust(): void {
    this.#trusted = false;
    this.#settle();
  }

  #settle(): void {
    if (!this.#trusted) {
      this.#depth = 1;
      return;
    }
    const fast = Math.floor(LONGEST_WAIT / this.#answerMs);
    this.#depth = this.#credit < this.#most ? 1 : Math.min(this.#most, Math.max(1, fast));
  }
}
