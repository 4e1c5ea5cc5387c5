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
  readonly application: string;
  readonly minute: number;
  readonly least: number;
  readonly most: number;
  readonly counted: number;
}

/** What the clients sent and were answered, and what the upstream served. */
export class Ledger {
  readonly #entries = new Map<string, Entry>();
  #next = 0;

  send(application: string, units: number, at: number): string {
    const id = String(this.#next++);
    this.#entries.set(id, { application, sentAt: at, servedAt: 0, answeredAt: 0, status: 0, units });
    return id;
  }

  served(id: string, at: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new Error(`the upstream served a request that nobody sent: ${id}`);
    if (entry.servedAt !== 0) throw new Error(`the upstream was sent request ${id} twice`);
    entry.servedAt = at;
  }

  answered(id: string, status: number, at: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.status = status;
    entry.answeredAt = at;
  }

  entries(application: string): Entry[] {
    return [...this.#entries.values()].filter((entry) => entry.application === application);
  }

  total(application: string, which: 'sent' | 'served' | 'answered'): number {
    const counts = this.entries(application).filter(
      (entry) => which === 'sent' || (which === 'served' ? entry.servedAt > 0 : entry.status === 200),
    );
    return counts.reduce((sum, { units }) => sum + units, 0);
  }

  /** Statuses that the clients got, with their number. */
  statuses(): Map<number, number> {
    const counts = new Map<number, number>();
    for (const { status } of this.#entries.values()) counts.set(status, (counts.get(status) ?? 0) + 1);
    return counts;
  }

  /**
   * served ≤ counted ≤ sent, per minute. A request's usage is dated between its sending and its serving: it counts for
   * the lower bound of a minute only if both lie well inside of it, and for the upper bound if either touches it.
   */
  compare(application: string, counted: ReadonlyMap<number, number>): Comparison[] {
    const entries = this.entries(application);
    const minutes = new Set([...counted.keys(), ...entries.map(({ sentAt }) => sentAt - (sentAt % MINUTE))]);
    return [...minutes]
      .toSorted((a, b) => a - b)
      .map((minute) => {
        const inside = (at: number): boolean => at >= minute + MARGIN && at < minute + MINUTE - MARGIN;
        const certain = entries.filter(({ sentAt, servedAt }) => inside(sentAt) && inside(servedAt));
        const possible = entries.filter((entry) => touches(entry, minute));
        return {
          application,
          minute,
          least: certain.reduce((sum, { units }) => sum + units, 0),
          most: possible.reduce((sum, { units }) => sum + units, 0),
          counted: counted.get(minute) ?? 0,
        };
      });
  }
}

function touches({ sentAt, servedAt, answeredAt }: Entry, minute: number): boolean {
  const end = servedAt > 0 ? servedAt : answeredAt > 0 ? answeredAt : sentAt + MINUTE;
  return sentAt < minute + MINUTE + MARGIN && end > minute - MARGIN;
}
