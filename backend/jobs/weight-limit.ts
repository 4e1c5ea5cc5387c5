/** Lets work through as long as the weight of what is under way stays below a bound; the rest waits in its order. */
export class WeightLimit {
  readonly #bound: number;
  #weight = 0;
  readonly #waiting: { readonly weight: number; readonly admit: () => void }[] = [];

  constructor(bound: number) {
    this.#bound = bound;
  }

  /** Runs the work when there is room for it; what is heavier than the bound runs alone. */
  async run<T>(weight: number, work: () => Promise<T>): Promise<T> {
    if (this.#waiting.length > 0 || !this.#fits(weight)) {
      await new Promise<void>((admit) => void this.#waiting.push({ weight, admit }));
    } else {
      this.#weight += weight;
    }
    try {
      return await work();
    } finally {
      this.#weight -= weight;
      this.#admitNext();
    }
  }

  #fits(weight: number): boolean {
    return this.#weight === 0 || this.#weight + weight <= this.#bound;
  }

  #admitNext(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#fits(next.weight); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#weight += next.weight;
      next.admit();
    }
  }
}
