import { settle } from '../harness/clock.ts';

interface Event {
  readonly at: number;
  readonly order: number;
  readonly task: () => void;
  cancelled: boolean;
}

export interface Scheduled {
  cancel(): void;
}

/** True time of a round in milliseconds from its start, and everything that is going to happen, in one heap. */
export class Timeline {
  now = 0;
  steps = 0;
  readonly #heap: Event[] = [];
  #order = 0;
  /** The last event began something asynchronous: its promises settle before the next event. */
  #unsettled = false;
  #tracked = 0;
  readonly #afterEach: () => void;

  constructor(afterEach: () => void) {
    this.#afterEach = afterEach;
  }

  at(time: number, task: () => void): Scheduled {
    const event = { at: Math.max(time, this.now), order: (this.#order += 1), task, cancelled: false };
    this.#push(event);
    return { cancel: () => void (event.cancelled = true) };
  }

  after(ms: number, task: () => void): Scheduled {
    return this.at(this.now + ms, task);
  }

  /** Nothing else happens until the promise is settled: it waits for no time. */
  track<T>(promise: Promise<T>): Promise<T> {
    this.#unsettled = true;
    this.#tracked += 1;
    return promise.finally(() => (this.#tracked -= 1));
  }

  /** Starts something asynchronous. */
  start(work: () => void): void {
    this.#unsettled = true;
    work();
  }

  /** Called by whatever starts or resolves a promise. */
  unsettle(): void {
    this.#unsettled = true;
  }

  async runUntil(time: number): Promise<void> {
    for (let next = this.#heap[0]; next !== undefined && next.at <= time; next = this.#heap[0]) {
      this.#pop();
      if (next.cancelled) continue;
      this.now = next.at;
      this.steps += 1;
      next.task();
      do {
        while (this.#unsettled || this.#tracked > 0) {
          this.#unsettled = false;
          await settle();
        }
        this.#afterEach();
      } while (this.#unsettled);
    }
    this.now = time;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, event)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      const left = heap[child];
      if (left === undefined) break;
      const right = heap[child + 1];
      let first = left;
      if (right !== undefined && isBefore(right, left)) {
        first = right;
        child += 1;
      }
      if (isBefore(last, first)) break;
      heap[index] = first;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
