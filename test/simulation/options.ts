import type { Limit } from './plans.ts';

/** One round of the simulation. Times in ms of true time. */
export interface RoundOptions {
  readonly seed: number;
  readonly duration: number;
  readonly gateways: number;
  readonly backends: number;
  readonly shards: number;
  readonly applications: number;
  /** Requests a second, of all gateways. */
  readonly rate: number;
  /** How unevenly the gateways share them: weight of the n-th is n to the power of minus this. */
  readonly skew: number;
  readonly leaseTime: number;
  readonly confirmedFor: number;
  readonly horizon: number;
  readonly sealEvery: number;
  readonly roundTrip: readonly [number, number];
  readonly loss: number;
  readonly doubling: number;
  readonly gatewayClockError: number;
  readonly backendClockError: number;
  /** Share of direct callers, of requests that are settled later, of set-values among the direct calls. */
  readonly direct: number;
  readonly postPaid: number;
  readonly sets: number;
  /** Only `hits`, one unit each. */
  readonly plain: boolean;
  /** R7: an answer waits for the replicas; without it grants are frozen after a failover. */
  readonly wait: boolean;
  readonly faults: Faults;
  /** Fixed limits; null: random ones. */
  readonly limits: readonly Limit[] | null;
  /** Start of the round by the backends' clock; null: chosen by the seed. */
  readonly start: number | null;
  /** A rule taken away, to show that it is needed; null: none. */
  readonly without: Mutation | null;
  /** After the first this many ms, only the first this many applications are used. */
  readonly active: { readonly after: number; readonly applications: number } | null;
}

/** How often each happens in a round. */
export interface Faults {
  readonly kills: number;
  readonly stops: number;
  readonly backendKills: number;
  readonly failovers: number;
  /** Longest span that a failover forgets. */
  readonly lag: number;
  readonly partitions: number;
  readonly leaseCuts: number;
  readonly slowBackends: number;
  readonly planChanges: number;
  readonly fullDisks: number;
  readonly suspensions: number;
  readonly clockSteps: number;
}

export type Mutation =
  | 'wait'
  | 'wait-and-freeze'
  | 'redeclaring'
  | 'dating-by-window'
  | 'pinned-window'
  | 'known-revisions'
  | 'marks'
  | 'restart-replays'
  | 'purge-needs-confirmation'
  | 'confirmation'
  | 'named-versions'
  | 'clock-jumps'
  | 'final-closes'
  | 'early-end';

export const CALM: Faults = {
  kills: 0,
  stops: 0,
  backendKills: 0,
  failovers: 0,
  lag: 1_500,
  partitions: 0,
  leaseCuts: 0,
  slowBackends: 0,
  planChanges: 0,
  fullDisks: 0,
  suspensions: 0,
  clockSteps: 0,
};

export const STORMY: Faults = {
  kills: 3,
  stops: 2,
  backendKills: 2,
  failovers: 3,
  lag: 1_500,
  partitions: 2,
  leaseCuts: 1,
  slowBackends: 0,
  planChanges: 3,
  fullDisks: 1,
  suspensions: 1,
  clockSteps: 1,
};

export const DEFAULTS: Omit<RoundOptions, 'seed'> = {
  duration: 12_000,
  gateways: 3,
  backends: 2,
  shards: 4,
  applications: 3,
  rate: 120,
  skew: 0.8,
  leaseTime: 500,
  confirmedFor: 2_000,
  horizon: 4_000,
  sealEvery: 300,
  roundTrip: [1, 5],
  loss: 0.02,
  doubling: 0.02,
  gatewayClockError: 2_000,
  backendClockError: 20,
  direct: 0.15,
  postPaid: 0.1,
  sets: 0,
  plain: false,
  wait: true,
  faults: STORMY,
  limits: null,
  start: null,
  without: null,
  active: null,
};
