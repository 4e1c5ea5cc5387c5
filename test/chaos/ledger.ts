/** Milliseconds by which two clocks' readings of one moment may differ on one machine, and a request's way through. */
const MARGIN = 250;
const MINUTE = 60_000;

/** One request as client and upstream saw it; times in ms since the epoch, 0: never. */
export interface Entry {
  readonly application: string;
  readonly sentAt: number;
  servedAt: number;
  answeredAt: number;
  /** Status that the client got; 0: none. */
  status: number;
  /** Units of usage of the request. */
  readonly units: number;
}

/** Usage of one application and minute, as the ledgers bound it and as the backend counted it. */
export interface Comparison {
  readonly minute: number;
  readonly least: number;
  readonly most: number;
  readonly counted: number;
}

export type Side = 'sent' | 'served' | 'answered' | 'unanswered';

/** What the clients sent and were answered, and what the upstream served. */
export class Ledger {
  readonly #byId = new Map<string, Entry>();
  readonly #byApplication = new Map<string, Entry[]>();
  #next = 0;

  send(application: string, units: number, at: number): string {
    const id = String(this.#next++);
    const entry: Entry = { application, sentAt: at, servedAt: 0, answeredAt: 0, status: 0, units };
    this.#byId.set(id, entry);
    const own = this.#byApplication.get(application);
    if (own === undefined) this.#byApplication.set(application, [entry]);
    else own.push(entry);
    return id;
  }

  served(id: string, at: number): void {
    const entry = this.#byId.get(id);
    if (entry === undefined) throw new Error(`the upstream served a request that nobody sent: ${id}`);
    if (entry.servedAt !== 0) throw new Error(`the upstream was sent request ${id} twice`);
    entry.servedAt = at;
  }

  answered(id: string, status: number, at: number): void {
    const entry = this.#byId.get(id);
    if (entry === undefined) return;
    entry.status = status;
    entry.answeredAt = at;
  }

  /** Units. `answered`: with 200. `unanswered`: the client never learnt what became of it. */
  total(application: string, side: Side): number {
    return unitsOf(this.#entries(application).filter((entry) => isOn(side, entry)));
  }

  /** Units that the client was told were served, and that never were: must be 0. */
  falselyAnswered(application: string): number {
    return unitsOf(this.#entries(application).filter(({ status, servedAt }) => status === 200 && servedAt === 0));
  }

  /** Statuses that the clients got, with their number. */
  statuses(): Map<number, number> {
    const counts = new Map<number, number>();
    for (const { status } of this.#byId.values()) counts.set(status, (counts.get(status) ?? 0) + 1);
    return counts;
  }

  /**
   * served ≤ counted ≤ sent, per minute; with `onlyServed`, counted ≤ served as well. A request's usage is dated
   * between its sending and its serving: it counts for the lower bound of a minute only if both lie well inside of it,
   * and for the upper bound if either touches it.
   */
  compare(application: string, counted: ReadonlyMap<number, number>, onlyServed: boolean): Comparison[] {
    const entries = this.#entries(application);
    const minutes = new Set([...counted.keys(), ...entries.map(({ sentAt }) => sentAt - (sentAt % MINUTE))]);
    return [...minutes]
      .toSorted((a, b) => a - b)
      .map((minute) => {
        const isInside = (at: number): boolean => at >= minute + MARGIN && at < minute + MINUTE - MARGIN;
        const certain = entries.filter(({ sentAt, servedAt }) => isInside(sentAt) && isInside(servedAt));
        const possible = entries.filter((entry) => touches(entry, minute) && (entry.servedAt > 0 || !onlyServed));
        return { minute, least: unitsOf(certain), most: unitsOf(possible), counted: counted.get(minute) ?? 0 };
      });
  }

  #entries(application: string): readonly Entry[] {
    return this.#byApplication.get(application) ?? [];
  }
}

function isOn(side: Side, { servedAt, status, answeredAt }: Entry): boolean {
  if (side === 'served') return servedAt > 0;
  if (side === 'answered') return status === 200;
  return side === 'sent' || (answeredAt > 0 && status === 0);
}

function unitsOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { units }) => sum + units, 0);
}

function touches({ sentAt, servedAt, answeredAt }: Entry, minute: number): boolean {
  const end = servedAt > 0 ? servedAt : answeredAt > 0 ? answeredAt : sentAt + MINUTE;
  return sentAt < minute + MINUTE + MARGIN && end > minute - MARGIN;
}
