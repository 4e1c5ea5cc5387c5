import { PERIODS, windowEnd, windowStart } from '../../../shared/period.ts';
import type { Period } from '../../../shared/period.ts';
import { asJson, encodePrefix } from '../encoding.ts';
import type { Codec } from '../encoding.ts';
import type { Accounts, ApplicationRef, Counter, CounterRef } from '../store.ts';
import { serviceWindows } from '../windows.ts';
import type { Retention } from '../windows.ts';
import { startingWith } from './cells.ts';
import type { Cells, ReadableCells } from './cells.ts';
import { activeKey, counterKey, counterPrefix, readCounter, windowPrefix } from './counter-cells.ts';
import type { Account } from './counter-cells.ts';

const names: Codec<string[]> = asJson;
const counterNames: Codec<(string | null)[]> = asJson;

export function readSeries(
  cells: ReadableCells,
  service: string,
  application: string | null,
  counter: Counter,
  period: Period,
  starts: readonly number[],
): bigint[] {
  const [account, name]: [Account, string] = 'metric' in counter ? ['u', counter.metric] : ['c', counter.code];
  return starts.map((start) => {
    const windows = application === null ? serviceWindows(period, start) : [{ period, start }];
    return windows.reduce(
      (sum, window) =>
        sum + readCounter(cells, counterKey(account, window.period, window.start, service, application, name)),
      0n,
    );
  });
}

/** Every application of the service with usage of the metric in one window, in no order. */
export function readUsers(
  cells: ReadableCells,
  service: string,
  metric: string,
  period: Period,
  start: number,
): { readonly application: string; readonly value: bigint }[] {
  const users: { application: string; value: bigint }[] = [];
  for (const [key, text] of startingWith(cells, `${counterPrefix('u', period, start, [service])}"`)) {
    const [, application, name] = partsOf(key);
    if (name === metric && application !== null && application !== undefined) {
      users.push({ application, value: BigInt(text) });
    }
  }
  return users;
}

export function readAccounts(cells: ReadableCells, { service, application }: ApplicationRef, at: number): Accounts[] {
  return PERIODS.flatMap((period) => {
    const start = windowStart(period, at);
    const read = (account: Account): Map<string, bigint> =>
      new Map(
        [...startingWith(cells, counterPrefix(account, period, start, [service, application]))].map(([key, text]) => [
          partsOf(key)[2] ?? '',
          BigInt(text),
        ]),
      );
    const used = read('u');
    const taken = read('t');
    return [...new Set([...used.keys(), ...taken.keys()])].map((metric) => {
      const value = used.get(metric) ?? 0n;
      return { metric, period, used: value, taken: taken.get(metric) ?? value };
    });
  });
}

/** Active applications in the order of their names' bytes, after `after`. */
export function readActive(cells: ReadableCells, service: string, after: string | null, limit: number): string[] {
  const prefix = `a${encodePrefix([service])}`;
  const from = after === null ? prefix : `${activeKey(service, after)}\u0001`;
  const found: string[] = [];
  for (const [key] of cells.range(from, `${prefix}~`)) {
    if (found.length === limit) break;
    const parts = names.read(key.slice(1));
    found.push(parts[1] ?? '');
  }
  return found;
}

export function seedCounter(
  cells: Cells,
  ref: ApplicationRef,
  counter: CounterRef,
  start: number,
  value: bigint,
): void {
  const { metric, period } = counter;
  cells.set(activeKey(ref.service, ref.application), '1');
  cells.set(counterKey('u', period, start, ref.service, ref.application, metric), value.toString());
  cells.delete(counterKey('t', period, start, ref.service, ref.application, metric));
}

export function removeCounters(cells: Cells, service: string, application: string | null): void {
  const parts = application === null ? [service] : [service, application];
  for (const [key] of cells.range('w', 'w~')) {
    const owner = partsOf(key);
    if (parts.every((part, index) => owner[index] === part)) cells.delete(key);
  }
  for (const [key] of startingWith(cells, `a${encodePrefix([service])}`)) {
    const parts = names.read(key.slice(1));
    if (application === null || parts[1] === application) cells.delete(key);
  }
}

/** Drops windows whose retention is over: a range at the beginning of each period. */
export function sweepWindows(cells: Cells, retention: Retention, now: number): void {
  for (const period of PERIODS) {
    const kept = retention[period];
    if (kept === null) continue;
    for (const [key] of cells.range(windowPrefix(period, 0), windowPrefix(period, Math.max(0, now - kept)))) {
      const start = Number(key.slice(2, 17));
      if (windowEnd(period, start) + kept <= now) cells.delete(key);
    }
  }
}

function partsOf(key: string): readonly (string | null)[] {
  const parts = counterNames.read(key.slice(18));
  return parts;
}
