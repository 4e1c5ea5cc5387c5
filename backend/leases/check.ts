import type { Lookup } from '../configuration/lookup.ts';
import type { Counters } from '../store/store.ts';

/** Applications looked at per page. */
const PAGE = 200;

/** A limited counter whose two accounts are not equal. */
export interface UnequalCounter {
  readonly application: string;
  readonly metric: string;
  readonly period: string;
  readonly used: bigint;
  readonly taken: bigint;
}

export interface AccountsCheck {
  readonly applications: number;
  readonly counters: number;
  readonly unequal: readonly UnequalCounter[];
  /** Pass to the next call; null at the end. */
  readonly cursor: string | null;
}

/**
 * Compares what the limits have taken with what was used, for every limited counter of a page of a service's
 * applications in the present windows. They are equal when nothing is leased and all usage is applied; while gateways
 * are at work `taken` is ahead by what they hold and have not reported. Throws StoreUnavailable.
 */
export async function checkAccounts(
  parts: { readonly counters: Pick<Counters, 'accounts' | 'active'>; readonly lookup: Lookup },
  service: string,
  at: number,
  cursor: string | null,
): Promise<AccountsCheck> {
  const { counters, lookup } = parts;
  const page = await counters.active(service, cursor, PAGE);
  const unequal: UnequalCounter[] = [];
  let compared = 0;
  for (const id of page.applications) {
    const application = await lookup.application(service, id);
    if (application === null || application.limits.length === 0) continue;
    const accounts = await counters.accounts({ service, application: id }, at);
    for (const { metric, period, source } of application.limits) {
      const found = accounts.find((each) => each.metric === metric && each.period === period);
      if (found === undefined) continue;
      compared += 1;
      if (found.used === found.taken) continue;
      unequal.push({ application: id, metric: source?.name ?? metric, period, used: found.used, taken: found.taken });
    }
  }
  return { applications: page.applications.length, counters: compared, unequal, cursor: page.cursor };
}
