/** What the authorizer counts, as plain numbers: read when metrics are scraped. */
export class Tallies {
  /** Decided from memory. */
  hits = 0;
  /** The caller had to be asked about. */
  misses = 0;
  /** Refused from memory: unknown callers. */
  denials = 0;
  /** Requests that waited for units of a lease. */
  leaseWaits = 0;
  /** Refused: a limit is reached. */
  limited = 0;
  /** Of those: others still held units. */
  limitedElsewhere = 0;
  /** Answered as an outage. */
  outages = 0;
  /** Served by the declared policy without the backend. */
  unleased = 0;
}
