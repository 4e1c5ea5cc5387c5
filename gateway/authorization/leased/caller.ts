import type { AuthorizeReply, MetricTerms } from '../../../shared/wire/authorize.ts';
import type { SharedOwner } from '../../leases/shared-owner.ts';
import type { MappingRules } from '../../rules/usage.ts';
import type { Credentials } from '../authorizer.ts';
import { CacheEntry } from '../credential-cache.ts';
import type { Prepared } from './prepared.ts';
import type { Waiting } from './waiting.ts';

/** Share of an answer's life after which it is asked again in the background. */
const REFRESH_AFTER = 0.75;

/** One caller of one service: what the backend last said of its credentials. */
export class Caller extends CacheEntry {
  /** The referrer for which this holds; null: for any, or none was sent. */
  readonly referrer: string | null;
  /** Null: not admitted, or not asked yet. */
  application: string | null = null;
  owner: SharedOwner | null = null;
  /** Refused by the backend; holds for as long as an admission would. */
  denied = false;
  terms: ReadonlyMap<string, MetricTerms> = new Map();
  /** The backend's answer may differ by referrer: then there is a caller for each, and this one is only their root. */
  byReferrer: Map<string | null, Caller> | null = null;
  /** Monotonic time at which the message was sent whose answer this is. */
  confirmedAt = -Infinity;
  /** No heartbeat named a newer configuration: then every heartbeat confirms it too. */
  upToDate = false;
  version = -1;
  /** Monotonic time until which the answer may be used at most, and from which it is asked again in the background. */
  usableUntil = -Infinity;
  refreshAt = -Infinity;
  /** A question about it is on its way. */
  asking = false;
  readonly waiting: Waiting[] = [];
  /** By the index of the usage in `rules`. */
  prepared: (Prepared | undefined)[] = [];
  rules: MappingRules | null = null;

  constructor(service: string, credentials: Credentials, referrer: string | null) {
    super(service, credentials);
    this.referrer = referrer;
  }

  /** Takes over an answer whose code is `ok`. Metrics that it does not tell of keep their terms if nothing changed. */
  apply(reply: AuthorizeReply, sentAt: number, required: number): void {
    const same = reply.application === this.application && reply.version === this.version;
    const terms = new Map(same ? this.terms : []);
    for (const metric of reply.metrics) terms.set(metric.metric, metric);
    this.terms = terms;
    this.application = reply.application;
    this.denied = reply.denied !== null;
    this.version = reply.version;
    this.usableUntil = sentAt + reply.ttl;
    this.upToDate = !this.denied && reply.version >= required;
    this.refreshAt = this.upToDate ? sentAt + REFRESH_AFTER * reply.ttl : -Infinity;
    if (this.denied || this.upToDate) this.confirmedAt = Math.max(this.confirmedAt, sentAt);
    this.prepared = [];
  }

  /** From now on only an answer of its own confirms it; until now the heartbeats did, the last at `heartbeatAt`. */
  outdate(heartbeatAt: number): void {
    if (this.upToDate) this.confirmedAt = Math.max(this.confirmedAt, heartbeatAt);
    this.upToDate = false;
    this.refreshAt = -Infinity;
  }

  /** Nothing said about it holds any more: it is asked again before it is decided. */
  distrust(): void {
    this.upToDate = false;
    this.confirmedAt = -Infinity;
    this.refreshAt = -Infinity;
  }
}
