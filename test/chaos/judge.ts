import { systemClock } from '../../shared/clock.ts';
import type { Ledger } from './ledger.ts';
import type { Caller } from './provision.ts';
import { countedByMinute } from './usage.ts';
import type { World } from './world.ts';

/** What a round's faults may do. */
export interface Terms {
  /** Something of a gateway's work in hand may be counted and not served. */
  readonly killed: boolean;
  /** Redis has forgotten what it acknowledged: reports that only it had may be gone. */
  readonly forgets: boolean;
  /** No call over a limit. */
  readonly exact: boolean;
  /** Units of the gateways' usage that are gone for good. */
  readonly destroyed: number;
  /** Callers whose usage the store could not count, and said so. */
  readonly spoiled: ReadonlySet<string>;
}

export interface Verdict {
  readonly counted: number;
  /** Most calls over a limit in a minute, whether it is promised or not. */
  readonly over: number;
  readonly exceptions: readonly string[];
}

/** Holds the ledgers against what the backend counted since `since` (ms), for each application and minute. */
export async function judge(
  world: World,
  ledger: Ledger,
  callers: readonly Caller[],
  reported: Caller,
  since: number,
  terms: Terms,
): Promise<Verdict> {
  const exceptions: string[] = [];
  let [total, missing, over] = [0, 0, 0];
  for (const caller of [...callers, reported]) {
    const { userKey } = caller;
    const counted = await countedByMinute(world.backendPort, userKey, since - 60_000, systemClock.now() + 60_000);
    if (counted === null) return { counted: 0, over: 0, exceptions: [`${userKey}: the analytics do not answer`] };
    const units = [...counted.values()].reduce((sum, value) => sum + value, 0);
    total += units;
    if (caller !== reported && !terms.spoiled.has(userKey))
      missing += Math.max(0, ledger.total(userKey, 'served') - units);
    const own = compare(ledger, caller, counted, units, caller === reported, terms);
    over = Math.max(over, own.over);
    exceptions.push(...own.exceptions);
  }
  if (missing > terms.destroyed) exceptions.push(`LOST ${missing} units, of which ${terms.destroyed} were destroyed`);
  return { counted: total, over, exceptions };
}

function compare(
  ledger: Ledger,
  { userKey, limit }: Caller,
  counted: ReadonlyMap<number, number>,
  units: number,
  isReported: boolean,
  terms: Terms,
): { readonly over: number; readonly exceptions: string[] } {
  const exceptions: string[] = [];
  const [served, sent] = [ledger.total(userKey, 'served'), ledger.total(userKey, 'sent')];
  const mayMiss = isReported ? terms.forgets : terms.destroyed > 0 || terms.spoiled.has(userKey);
  const mayExceed = isReported || terms.killed;
  if (units < served && !mayMiss) exceptions.push(`${userKey}: served ${served}, counted ${units}`);
  if (units > sent) exceptions.push(`${userKey}: counted ${units} of ${sent} sent`);
  if (units > served && !mayExceed)
    exceptions.push(`${userKey}: served ${served}, counted ${units}, and no gateway was killed`);
  const false200 = isReported ? 0 : ledger.falselyAnswered(userKey);
  if (false200 > 0) exceptions.push(`${userKey}: ${false200} answered 200 that the app never saw`);
  let over = 0;
  for (const { minute, least, most, counted: inMinute } of ledger.compare(userKey, counted, !mayExceed)) {
    const at = `${userKey} ${new Date(minute).toISOString()}`;
    if ((inMinute < least && !mayMiss) || inMinute > most)
      exceptions.push(`${at}: counted ${inMinute}, must be ${least} to ${most}`);
    if (limit === null) continue;
    over = Math.max(over, inMinute - limit);
    if (terms.exact && inMinute > limit) exceptions.push(`${at}: OVER the limit ${limit}: ${inMinute}`);
  }
  return { over, exceptions };
}

/** An outage is never shown as a refusal, and a fault inside never as 500. */
export function statusExceptions(ledger: Ledger): string[] {
  return [...ledger.statuses()]
    .filter(([status]) => ![0, 200, 202, 429, 502, 503, 504].includes(status))
    .map(([status, times]) => `${times} requests were answered ${status}`);
}
