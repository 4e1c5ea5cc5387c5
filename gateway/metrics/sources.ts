/** A count by the value of one label. */
export type CountsByLabel = Iterable<readonly [label: string, count: number]>;

/**
 * Where the metrics of the gateway's parts are read at a scrape. Each part keeps plain numbers and knows nothing of
 * metrics; whoever puts the gateway together says where they are.
 */
export interface MetricSources {
  /** Decisions by where they came from: hit, miss, stale, ... */
  authCache(): CountsByLabel;
  /** Callers in memory now. */
  authCacheEntries(): number;
  /** Callers that were forgotten to make room. */
  authCacheEvictions(): number;
  /** Calls to the backend. */
  backendCalls(): Iterable<readonly [call: string, result: string, count: number]>;
  /** Units of usage in the journal that the backend has not applied yet. */
  usagePending(): number;
  /** Age of the oldest of them, seconds; 0: there is none. */
  usageOldestSeconds(): number;
  /** Units of usage that were served and will never be counted. */
  usageLost(): number;
  /** Units set aside because nobody knows whether the backend counted them: an operator decides. */
  usageUncertain(): number;
  /** Units of usage that were written to the journal, sent and acknowledged (both with repeats), and that the backend applied. */
  usageUnits(): CountsByLabel;
  /** Entries that the backend did not count and put before its operator. */
  usageSetAside(): number;
  /** Batches that were sent again because the store was another than before. */
  batchesReplayed(): number;
  /** Batches that were let go before the store was known to have them for good, because the journal was full. */
  batchesLetGo(): number;
  /** Bytes of the journal on disk. */
  journalBytes(): number;
  /** Places in the journal that could not be read. */
  journalDamaged(): number;
  batches(): CountsByLabel;
  reportingThreads(): number;
  reportingThreadsBusy(): number;
  /** Deliveries by `thread` and `loop`. */
  reportingDeliveries(): CountsByLabel;
  /** Requests that had to wait for a lease. */
  leaseWaits(): number;
  /** Units of the leases held now: spent, unspent. */
  leaseUnits(): CountsByLabel;
  /** Leases: held, and returning, of which the backend has not acknowledged that they are over. */
  leases(): CountsByLabel;
  /** Lease messages sent, repeats included. */
  leaseMessages(): number;
  /** Services whose token the backend refuses. */
  tokensRefused(): number;
  /** Calls refused at a limit: exhausted, or while others still held units (elsewhere). */
  limited(): CountsByLabel;
  /** Calls served without the backend (BACKEND_DOWN): by so many a limit may be exceeded. */
  overshoot(): number;
  /** Reloads of the configuration: applied, refused. */
  configReloads(): CountsByLabel;
  /** Open client connections. */
  connections(): number;
  /** Requests that the engine refused or upstreams failed, by error code. */
  engineErrors(): CountsByLabel;
  /** Lines of the access log that were dropped because its file did not keep up. */
  accessLogDropped(): number;
}
