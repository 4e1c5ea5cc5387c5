import { windowStart } from '../../../shared/period.ts';
import { fits } from '../integers.ts';
import { TOP_PERIODS } from '../windows.ts';
import type { BatchEntry } from '../store.ts';
import type { Addressing, Place } from './addressing.ts';
import { activeKey, fieldName, topKey } from './keys.ts';

/** The scripts' own keys (owner and marks) come before those of the plan. */
const KEYS_BEFORE = 2;

/** Positions of keys in KEYS, from 1; the five windows of a place or total in a row, and the five top sets of a metric. */
export class KeyLayout {
  readonly keys: string[] = [];
  readonly #tag: string;
  readonly #addressing: Addressing;
  readonly #now: number;
  readonly #positions = new Map<string, number>();

  constructor(tag: string, addressing: Addressing, now: number) {
    this.#tag = tag;
    this.#addressing = addressing;
    this.#now = now;
  }

  place({ service, application, at }: BatchEntry): Place {
    return this.#addressing.place(this.#tag, service, application, at, this.#now);
  }

  /** Position of the first of five windows: by the minutes' key and the slots, so that each minute has its own row. */
  windows(place: Place, keys: readonly string[]): number {
    return this.#row(`${place.slots.join('')} ${keys[0] ?? ''}`, () => keys);
  }

  active(service: string): number {
    const key = activeKey(this.#tag, service);
    return this.#row(key, () => [key]);
  }

  top(service: string, metric: string, at: number): number {
    const day = windowStart('day', at);
    return this.#row(topKey(this.#tag, service, metric, 'day', day), () =>
      TOP_PERIODS.map((period) => topKey(this.#tag, service, metric, period, windowStart(period, at))),
    );
  }

  #row(id: string, keys: () => readonly string[]): number {
    const known = this.#positions.get(id);
    if (known !== undefined) return known;
    const position = this.keys.length + KEYS_BEFORE + 1;
    this.keys.push(...keys());
    this.#positions.set(id, position);
    return position;
  }
}

interface Sum {
  readonly name: string;
  use: bigint;
  take: bigint;
  readonly top: number;
}

/** A place or a total with what is counted there; sums by name and sign. */
interface Row {
  /** Windows, slots, lives, and for a place application and active applications: as the script reads them. */
  readonly head: readonly (string | number)[];
  readonly sums: Map<string, Sum>;
  readonly codes: Map<string, Sum>;
}

/**
 * The arguments of scripts/apply.lua after the first nine: entries summed by application and minute, and by service and
 * minute. Null when the order of the entries may matter: set values, or sums beyond 64 bits. Falls are summed apart from
 * rises, so that no counter passes a value that it would not have had entry by entry.
 */
export function summedArguments(entries: readonly BatchEntry[], layout: KeyLayout): string[] | null {
  const places = new Map<number, Row>();
  const totals = new Map<number, Row>();
  for (const entry of entries) {
    if (!addEntry(entry, layout, places, totals)) return null;
  }
  const args: (string | number)[] = [places.size];
  for (const { head, sums, codes } of places.values()) {
    args.push(...head, sums.size);
    for (const { name, use, take, top } of sums.values()) args.push(name, use.toString(), take.toString(), top);
    args.push(codes.size);
    for (const { name, use } of codes.values()) args.push(name, use.toString());
  }
  args.push(totals.size);
  for (const { head, sums } of totals.values()) {
    args.push(...head, sums.size);
    for (const { name, use } of sums.values()) args.push(name, use.toString());
  }
  const rows = [...places.values(), ...totals.values()].flatMap(({ sums, codes }) => [
    ...sums.values(),
    ...codes.values(),
  ]);
  return rows.every(({ use, take }) => fits(use) && fits(take)) ? args.map(String) : null;
}

/** False when the entry cannot be summed. */
function addEntry(entry: BatchEntry, layout: KeyLayout, places: Map<number, Row>, totals: Map<number, Row>): boolean {
  const place = layout.place(entry);
  const windows = layout.windows(place, place.windows);
  const row =
    places.get(windows) ??
    openRow([windows, ...place.slots, ...place.lives, entry.application, layout.active(entry.service)]);
  places.set(windows, row);
  const totalWindows = layout.windows(place, place.totals);
  const total = totals.get(totalWindows) ?? openRow([totalWindows, ...place.slots, ...place.lives]);
  totals.set(totalWindows, total);
  for (const { metric, use, take, set } of entry.additions) {
    if (set || use * take < 0n) return false;
    const name = fieldName(metric);
    add(row.sums, name, use, take, layout.top(entry.service, metric, entry.at));
    add(total.sums, `u${name}`, use, 0n, 0);
  }
  for (const { code, use } of entry.codes) {
    const name = fieldName(code);
    add(row.codes, name, use, 0n, 0);
    add(total.sums, `c${name}`, use, 0n, 0);
  }
  return true;
}

function openRow(head: readonly (string | number)[]): Row {
  return { head, sums: new Map(), codes: new Map() };
}

function add(sums: Map<string, Sum>, name: string, use: bigint, take: bigint, top: number): void {
  const id = (use < 0n || take < 0n ? '-' : '+') + name;
  const sum = sums.get(id);
  if (sum === undefined) {
    sums.set(id, { name, use, take, top });
    return;
  }
  sum.use += use;
  sum.take += take;
}

/** The tenth argument of scripts/apply-each.lua; each entry with its index in the part. */
export function entriesArgument(
  entries: readonly (readonly [index: number, entry: BatchEntry])[],
  layout: KeyLayout,
): string {
  return JSON.stringify(
    entries.map(([index, entry]) => {
      const place = layout.place(entry);
      return {
        index,
        application: entry.application,
        active: layout.active(entry.service),
        windows: layout.windows(place, place.windows),
        totals: layout.windows(place, place.totals),
        slots: place.slots,
        lives: place.lives,
        additions: entry.additions.map(({ metric, use, take, set }) => [
          fieldName(metric),
          use.toString(),
          take.toString(),
          set ? 1 : 0,
          layout.top(entry.service, metric, entry.at),
        ]),
        codes: entry.codes.map(({ code, use }) => [fieldName(code), use.toString()]),
      };
    }),
  );
}
