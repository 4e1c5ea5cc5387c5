import type { Clock } from '../../../shared/clock.ts';
import type { DocumentKey, Json, Logs } from '../store.ts';
import { appendItem, clearFlag, countItems, readFlag, readItems, removeItems, setFlag } from './logs.ts';
import { COMMON } from './runner.ts';
import type { Runner } from './runner.ts';

/** Logs and flags on cells. */
export class CellLogs implements Logs {
  readonly #runner: Runner;
  readonly #clock: Clock;

  constructor(runner: Runner, clock: Clock) {
    this.#runner = runner;
    this.#clock = clock;
  }

  async append(list: DocumentKey, item: Json, bound: number): Promise<number> {
    return this.#runner.write(COMMON, (cells) => appendItem(cells, list, item, bound));
  }

  async range(
    list: DocumentKey,
    offset: number,
    count: number,
  ): Promise<readonly { readonly id: number; readonly item: Json }[]> {
    return this.#runner.read(COMMON, (cells) => readItems(cells, list, offset, count));
  }

  async count(list: DocumentKey): Promise<number> {
    return this.#runner.read(COMMON, (cells) => countItems(cells, list));
  }

  async remove(list: DocumentKey, id: number, upto: boolean): Promise<number> {
    return this.#runner.write(COMMON, (cells) => removeItems(cells, list, id, upto));
  }

  async clear(list: DocumentKey): Promise<void> {
    await this.remove(list, Number.MAX_SAFE_INTEGER, true);
  }

  async setOnce(flag: DocumentKey, milliseconds: number): Promise<boolean> {
    const now = this.#clock.now();
    return this.#runner.write(COMMON, (cells) => setFlag(cells, flag, now + milliseconds, now));
  }

  async isSet(flag: DocumentKey): Promise<boolean> {
    return this.#runner.read(COMMON, (cells) => readFlag(cells, flag, this.#clock.now()));
  }

  async clearFlag(flag: DocumentKey): Promise<void> {
    await this.#runner.write(COMMON, (cells) => clearFlag(cells, flag));
  }
}
