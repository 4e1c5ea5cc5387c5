import type { Caller } from '../provision.ts';
import type { Ledger } from '../ledger.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';

export type StoreKind = 'redis' | 'embedded' | 'sentinel' | 'cluster';

/** One round, as its faults see it. */
export interface Scene {
  readonly world: World;
  readonly random: Random;
  readonly ledger: Ledger;
  /** Who calls the gateways. */
  readonly callers: readonly Caller[];
  /** Whose usage is only reported, by a 3scale client. */
  readonly reported: Caller;
  /** Makes the service and the round's callers, in a store that has lost them. */
  readonly provision: () => Promise<void>;
  /** Units of the gateways' usage that the fault has destroyed for good: that much may be missing. */
  readonly destroyed: (units: number) => void;
  /** The caller's usage may be missing: the store says that it cannot count it. */
  readonly spoiled: (userKey: string) => void;
}

/** One way in which something breaks under traffic. */
export interface Fault {
  /** Rows of the fault matrix that it stands for. */
  readonly rows: readonly number[];
  readonly name: string;
  /** Kills a gateway, so that requests in its hands may be counted and not served. */
  readonly killsGateway: boolean;
  /**
   * Redis forgets what it had acknowledged, in a way that its settings do not exclude: what only it had (reports of
   * 3scale clients) may be gone, and limits are bounded. The gateways' usage must be exact all the same.
   */
  readonly forgets?: boolean;
  /** The stores that it can happen to. */
  readonly stores: readonly StoreKind[];
  /** Breaks something, waits as long as it lasts, and ends it as far as it does not end by itself (`World.heal` does the rest). */
  readonly run: (scene: Scene) => Promise<void>;
}

export const ALL_STORES = ['redis', 'embedded', 'sentinel', 'cluster'] as const;
export const ANY_REDIS = ['redis', 'sentinel', 'cluster'] as const;
