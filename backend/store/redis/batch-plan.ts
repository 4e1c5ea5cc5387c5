import { fits } from '../integers.ts';
import type { BatchEntry } from '../store.ts';
import type { KeyLayout, LaidMoment } from './key-layout.ts';
import { fieldName } from './keys.ts';
import type { Owners } from './owners.ts';
import { ArgumentsBuilder } from './wire.ts';
import type { Arguments } from './wire.ts';

/** What is counted under one name. */
interface Sum {
  readonly name: string;
  use: bigint;
  take: bigint;
  readonly top: number;
}

/** An application in a minute; sums by name and sign. */
interface Place {
  readonly moment: LaidMoment;
  readonly application: string;
  readonly windows: number;
  readonly active: number;
  readonly sums: Map<string, Sum>;
  readonly codes: Map<string, Sum>;
}

/** A service in a minute: names with their account before them. */
interface Total {
  readonly moment: LaidMoment;
  readonly windows: number;
  readonly sums: Map<string, Sum>;
}

/**
 * The arguments of scripts/apply.lua after the first nine: entries summed by application and minute, and by service and
 * minute. Null when the order of the entries may matter: set values, or sums beyond 64 bits. Falls are summed apart from
 * rises, so that no counter passes a value that it would not have had entry by entry.
 */
export function summedArguments(entries: readonly BatchEntry[], layout: KeyLayout, owners: Owners): Arguments | null {
  const plan = new Plan(layout, owners);
  for (const entry of entries) if (!plan.add(entry)) return null;
  return plan.arguments();
}

class Plan {
  readonly #layout: KeyLayout;
  readonly #owners: Owners;
  /** By the owner's name, for each minute. */
  readonly #places = new Map<LaidMoment, Map<string, Place>>();
  readonly #totals = new Map<LaidMoment, Map<string, Total>>();

  constructor(layout: KeyLayout, owners: Owners) {
    this.#layout = layout;
    this.#owners = owners;
  }

  /** False when the entry cannot be summed. */
  add(entry: BatchEntry): boolean {
    const { service } = entry;
    const moment = this.#layout.moment(entry.at);
    const laid = this.#layout.service(moment, service);
    const place = this.#placeOf(entry, moment, laid.active);
    const total = this.#totalOf(service, moment, laid.totals);
    for (const { metric, use, take, set } of entry.additions) {
      if (set || (use < 0n ? take > 0n : use > 0n && take < 0n)) return false;
      const name = fieldName(metric);
      add(place.sums, name, use, take, this.#layout.top(moment, service, metric, laid));
      add(total.sums, `u${name}`, use, 0n, 0);
    }
    for (const { code, use } of entry.codes) {
      const name = fieldName(code);
      add(place.codes, name, use, 0n, 0);
      add(total.sums, `c${name}`, use, 0n, 0);
    }
    return true;
  }

  /** Null when a sum does not fit in 64 bits. */
  arguments(): Arguments | null {
    const args = new ArgumentsBuilder();
    args.number(this.#layout.moments.length);
    for (const { slots, lives } of this.#layout.moments) for (const text of [...slots, ...lives]) args.add(text);
    const places = [...this.#places.values()].flatMap((some) => [...some.values()]);
    args.number(places.length);
    for (const place of places) if (!writePlace(place, args)) return null;
    const totals = [...this.#totals.values()].flatMap((some) => [...some.values()]);
    args.number(totals.length);
    for (const { moment, windows, sums } of totals) {
      args.number(windows);
      args.number(moment.number);
      args.number(sums.size);
      for (const sum of sums.values()) {
        if (!fits(sum.use)) return null;
        args.add(sum.name);
        args.add(sum.use.toString());
      }
    }
    return args;
  }

  #placeOf(entry: BatchEntry, moment: LaidMoment, active: number): Place {
    const { name } = this.#owners.of(entry);
    const places = this.#places.get(moment) ?? new Map<string, Place>();
    this.#places.set(moment, places);
    const known = places.get(name);
    if (known !== undefined) return known;
    const windows = this.#layout.windows(moment, name);
    const place = { moment, application: entry.application, windows, active, sums: new Map(), codes: new Map() };
    places.set(name, place);
    return place;
  }

  #totalOf(service: string, moment: LaidMoment, windows: number): Total {
    const totals = this.#totals.get(moment) ?? new Map<string, Total>();
    this.#totals.set(moment, totals);
    const known = totals.get(service);
    if (known !== undefined) return known;
    const total = { moment, windows, sums: new Map() };
    totals.set(service, total);
    return total;
  }
}

/** False when a sum does not fit in 64 bits. */
function writePlace(place: Place, args: ArgumentsBuilder): boolean {
  args.number(place.windows);
  args.number(place.moment.number);
  args.add(place.application);
  args.number(place.active);
  args.number(place.sums.size);
  for (const { name, use, take, top } of place.sums.values()) {
    if (!fits(use) || !fits(take)) return false;
    args.add(name);
    args.add(use.toString());
    args.add(take.toString());
    args.number(top);
  }
  args.number(place.codes.size);
  for (const { name, use } of place.codes.values()) {
    if (!fits(use)) return false;
    args.add(name);
    args.add(use.toString());
  }
  return true;
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

/** The tenth argument of scripts/apply-each.lua; `indexes` are those of the entries in the part. */
export function entriesArgument(
  entries: readonly BatchEntry[],
  indexes: readonly number[],
  layout: KeyLayout,
  owners: Owners,
): string {
  return JSON.stringify(
    entries.map((entry, position) => {
      const moment = layout.moment(entry.at);
      const laid = layout.service(moment, entry.service);
      return {
        index: indexes[position] ?? 0,
        application: entry.application,
        active: laid.active,
        windows: layout.windows(moment, owners.of(entry).name),
        totals: laid.totals,
        slots: moment.slots,
        lives: moment.lives,
        additions: entry.additions.map(({ metric, use, take, set }) => [
          fieldName(metric),
          use.toString(),
          take.toString(),
          set ? 1 : 0,
          layout.top(moment, entry.service, metric, laid),
        ]),
        codes: entry.codes.map(({ code, use }) => [fieldName(code), use.toString()]),
      };
    }),
  );
}
