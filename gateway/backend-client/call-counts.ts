/** How often each call to the backend had which result. */
export class CallCounts {
  readonly #calls = new Map<string, Map<string, number>>();

  add(call: string, result: string): void {
    let results = this.#calls.get(call);
    if (results === undefined) this.#calls.set(call, (results = new Map<string, number>()));
    results.set(result, (results.get(result) ?? 0) + 1);
  }

  *all(): Generator<readonly [call: string, result: string, count: number]> {
    for (const [call, results] of this.#calls) {
      for (const [result, count] of results) yield [call, result, count];
    }
  }
}
