import { fits } from '../integers.ts';
import type { BatchEntry } from '../store.ts';
import type { KeyLayout, LaidMoment, LaidService } from './key-layout.ts';
import { fieldName } from './keys.ts';
import type { Owners } from './owners.ts';
import { Sums } from './sums.ts';
import { ArgumentsBuilder } from './wire.ts';
import type { Arguments } from './wire.ts';

/** An application or, for its totals, a service in a minute: by metric, and by response code. */
interface Row {
  readonly moment: LaidMoment;
  /** Position of its windows. */
  readonly windows: number;
  readonly used: Sums;
  readonly codes: Sums;
}

interface Place extends Row {
  readonly application: string;
  readonly active: number;
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
  readonly #places: Place[] = [];
  readonly #totals: Row[] = [];
  /** By the owner's name, for each minute. */
  readonly #placeOf = new Map<LaidMoment, Map<string, Place>>();
  readonly #totalOf = new Map<LaidService, Row>();

  constructor(layout: KeyLayout, owners: Owners) {
    this.#layout = layout;
    this.#owners = owners;
  }

  /** False when the entry cannot be summed. */
  add(entry: BatchEntry): boolean {
    const { service } = entry;
    const moment = this.#layout.moment(entry.at);
    const laid = this.#layout.service(moment, service);
    const place = this.#place(entry, moment, laid.active);
    const total = this.#total(laid, moment);
    for (const { metric, use, take, set } of entry.additions) {
      if (set || (use < 0n ? take > 0n : use > 0n && take < 0n)) return false;
      const name = fieldName(metric);
      place.used.add(name, use, take, this.#layout.top(moment, service, metric, laid));
      total.used.add(name, use, 0n, 0);
    }
    for (const { code, use } of entry.codes) {
      const name = fieldName(code);
      place.codes.add(name, use, 0n, 0);
      total.codes.add(name, use, 0n, 0);
    }
    return true;
  }

  /** Null when a sum does not fit in 64 bits. */
  arguments(): Arguments | null {
    const args = new ArgumentsBuilder();
    args.number(this.#layout.moments.length);
    for (const { dated } of this.#layout.moments) args.append(dated.encoded);
    args.number(this.#places.length);
    for (const place of this.#places) if (!writePlace(place, args)) return null;
    args.number(this.#totals.length);
    for (const total of this.#totals) if (!writeTotal(total, args)) return null;
    return args;
  }

  #place({ service, application }: BatchEntry, moment: LaidMoment, active: number): Place {
    const owner = this.#owners.of({ service, application });
    const places = this.#placeOf.get(moment) ?? new Map<string, Place>();
    if (places.size === 0) this.#placeOf.set(moment, places);
    const known = places.get(owner.name);
    if (known !== undefined) return known;
    const windows = this.#layout.windows(moment, owner);
    const place = { moment, application, windows, active, used: new Sums(), codes: new Sums() };
    places.set(owner.name, place);
    this.#places.push(place);
    return place;
  }

  #total(laid: LaidService, moment: LaidMoment): Row {
    const known = this.#totalOf.get(laid);
    if (known !== undefined) return known;
    const total = { moment, windows: laid.totals, used: new Sums(), codes: new Sums() };
    this.#totalOf.set(laid, total);
    this.#totals.push(total);
    return total;
  }
}

/** False when a sum does not fit in 64 bits. */
function writePlace({ windows, moment, application, active, used, codes }: Place, args: ArgumentsBuilder): boolean {
  args.number(windows);
  args.number(moment.number);
  args.add(application);
  args.number(active);
  args.number(used.list.length);
  for (const { name, use, take, top } of used.list) {
    if (!fits(use) || !fits(take)) return false;
    args.add(name);
    args.integer(use);
    args.integer(take);
    args.number(top);
  }
  args.number(codes.list.length);
  for (const { name, use } of codes.list) {
    if (!fits(use)) return false;
    args.add(name);
    args.integer(use);
  }
  return true;
}

/** The same; names have their account before them. */
function writeTotal({ windows, moment, used, codes }: Row, args: ArgumentsBuilder): boolean {
  args.number(windows);
  args.number(moment.number);
  args.number(used.list.length + codes.list.length);
  for (const [account, sums] of [
    ['u', used],
    ['c', codes],
  ] as const) {
    for (const { name, use } of sums.list) {
      if (!fits(use)) return false;
      args.add(account + name);
      args.integer(use);
    }
  }
  return true;
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
        windows: layout.windows(moment, owners.of(entry)),
        totals: laid.totals,
        slots: moment.dated.slots,
        lives: moment.dated.lives,
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
