import type { Random } from './random.ts';
import type { World } from './world.ts';

/** One way in which something breaks under traffic. */
export interface Fault {
  /** Rows of the fault matrix that it stands for. */
  readonly rows: readonly number[];
  readonly name: string;
  /** Kills a gateway, so that requests in its hands may be counted and not served. */
  readonly killsGateway: boolean;
  /** The stores that it can happen to. */
  readonly stores: readonly ('redis' | 'embedded')[];
  /** Breaks something, waits as long as it lasts, and ends it as far as it does not end by itself (`World.heal` does the rest). */
  readonly run: (world: World, random: Random) => Promise<void>;
}

export const BOTH = ['redis', 'embedded'] as const;
export const REDIS = ['redis'] as const;
