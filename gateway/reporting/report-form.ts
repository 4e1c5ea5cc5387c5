import { Form } from '../backend-client/form.ts';
import type { UsageOwner } from '../journal/contract.ts';
import type { Fold, FoldedUsage } from '../journal/fold.ts';

/** Rack takes 4,096 parameters and 4 MiB; a report stays well below both. */
const MAX_PARAMETERS = 3_500;
const MAX_BODY = 1024 * 1024;
/** Older usage is refused by the contract, 24 h back, with the whole report; it is dated this far back instead, ms. */
const OLDEST = 24 * 3_600_000 - 10 * 60_000;

/** One POST /transactions.xml. */
export interface ReportPart {
  readonly service: string;
  readonly body: string;
  /** What it reports: set aside when nobody knows whether it arrived. */
  readonly usage: readonly FoldedUsage[];
}

interface Transaction {
  readonly owner: UsageOwner;
  readonly minute: number;
  readonly usage: readonly FoldedUsage[];
  readonly code: number | null;
}

/**
 * A fold as reports: one transaction for each caller and minute, dated by the minute. The same fold always gives the
 * same parts. Callers nobody vouched for are reported one by one: the contract drops a whole report for one of them.
 * With `responseCodes` each answer becomes a transaction of its own, as the contract counts one code per transaction.
 */
export function reportParts(fold: Pick<Fold, 'usage' | 'codes'>, now: number, responseCodes: boolean): ReportPart[] {
  const parts: ReportPart[] = [];
  const codes = responseCodes ? statusesOf(fold) : null;
  let part: PartBuilder | null = null;
  for (const rows of callerMinutes(fold.usage)) {
    for (const transaction of withCodes(rows, codes)) {
      if (part === null || !part.takes(transaction)) {
        if (part !== null) parts.push(part.finish());
        part = new PartBuilder(transaction.owner, now);
      }
      part.add(transaction);
    }
  }
  if (part !== null) parts.push(part.finish());
  return parts;
}

/** Usage comes sorted by owner, then minute: what belongs together is neighbours. */
function* callerMinutes(usage: readonly FoldedUsage[]): Generator<[FoldedUsage, ...FoldedUsage[]]> {
  let rows: [FoldedUsage, ...FoldedUsage[]] | null = null;
  for (const row of usage) {
    // The contract knows no corrections; holds exist so that none is needed.
    if (row.use <= 0) continue;
    if (rows !== null && rows[0].owner === row.owner && rows[0].minute === row.minute) rows.push(row);
    else {
      if (rows !== null) yield rows;
      rows = [row];
    }
  }
  if (rows !== null) yield rows;
}

type Statuses = ReadonlyMap<UsageOwner, ReadonlyMap<number, readonly number[]>>;

function statusesOf(fold: Pick<Fold, 'codes'>): Statuses {
  const statuses = new Map<UsageOwner, Map<number, number[]>>();
  for (const { owner, minute, status, count } of fold.codes) {
    let byMinute = statuses.get(owner);
    if (byMinute === undefined) statuses.set(owner, (byMinute = new Map<number, number[]>()));
    const list = byMinute.get(minute) ?? [];
    for (let index = 0; index < count; index++) list.push(status);
    byMinute.set(minute, list);
  }
  return statuses;
}

/** The usage of a caller's minute, split so that each status has a unit of usage beside it: without one it is not counted. */
function* withCodes(rows: readonly [FoldedUsage, ...FoldedUsage[]], statuses: Statuses | null): Generator<Transaction> {
  const { owner, minute } = rows[0];
  const [first, ...rest] = statuses?.get(owner)?.get(minute) ?? [];
  const carrier = rows.reduce((most, row) => (row.use > most.use ? row : most));
  const singles = rest.slice(0, carrier.use - 1);
  const reduced = { ...carrier, use: carrier.use - singles.length };
  yield { owner, minute, usage: rows.map((row) => (row === carrier ? reduced : row)), code: first ?? null };
  for (const code of singles) yield { owner, minute, usage: [{ ...carrier, use: 1 }], code };
}

class PartBuilder {
  readonly #owner: UsageOwner;
  readonly #now: number;
  readonly #form = new Form();
  readonly #usage: FoldedUsage[] = [];
  #transactions = 0;
  #parameters = 0;

  constructor(owner: UsageOwner, now: number) {
    this.#owner = owner;
    this.#now = now;
  }

  takes({ owner, usage }: Transaction): boolean {
    if (owner.service !== this.#owner.service) return false;
    if (owner !== this.#owner && (owner.known === false || this.#owner.known === false)) return false;
    return this.#parameters + usage.length + 3 <= MAX_PARAMETERS && this.#form.length < MAX_BODY;
  }

  add({ owner, minute, usage, code }: Transaction): void {
    this.#usage.push(...usage);
    const prefix = `transactions[${this.#transactions}]`;
    this.#transactions += 1;
    this.#parameters += usage.length + 3;
    this.#form.add(`${prefix}[${owner.kind === 'user_key' ? 'user_key' : 'app_id'}]`, owner.id);
    for (const row of usage) this.#form.add(`${prefix}[usage][${row.metric}]`, String(row.use));
    this.#form.add(`${prefix}[timestamp]`, timestamp(Math.max(minute, this.#now - OLDEST)));
    if (code !== null) this.#form.add(`${prefix}[log][code]`, String(code));
  }

  finish(): ReportPart {
    return { service: this.#owner.service, body: this.#form.toString(), usage: this.#usage };
  }
}

/** `YYYY-MM-DD HH:MM:SS +0000`. */
function timestamp(at: number): string {
  const iso = new Date(at).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} +0000`;
}
