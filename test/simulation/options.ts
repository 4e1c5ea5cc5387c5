import type { Violation } from './observer.ts';
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
  /** Until every backend knows of a change, at most. */
  readonly learning: number;
  readonly horizon: number;
  readonly sealEvery: number;
  readonly roundTrip: readonly [number, number];
  /** Backends that answer 200 ms late for 10 s; further ones by `faults`. */
  readonly slowBackends: number;
  readonly loss: number;
  readonly doubling: number;
  /** Share of messages that are overtaken by others. */
  readonly lateness: number;
  readonly gatewayClockError: number;
  readonly backendClockError: number;
  /** Share of direct callers and of reports, of requests that are settled later, of set-values among direct calls and reports. */
  readonly direct: number;
  readonly reports: number;
  readonly postPaid: number;
  readonly sets: number;
  /** Share of starts of a gateway that die while they take over the journals of dead ones. */
  readonly deathsInAdoption: number;
  /** Gateways of which two share a machine and its disk. */
  readonly shareDisk: boolean;
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
  /** Requests a second once only some applications are active. */
  readonly activeRate: number;
  /** Calls are counted from here to the end of the traffic. */
  readonly measureFrom: number;
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
  /** Longest. */
  readonly cutFor: number;
  readonly leaseCuts: number;
  readonly planChanges: number;
  readonly fullDisks: number;
  readonly suspensions: number;
  readonly clockSteps: number;
}

/** A rule of the protocol that a round goes without, and what then must go wrong. */
export const MUTATIONS = {
  /** R7: grants are answered before the replicas have them. */
  wait: 'over',
  /** R7 and R8: and nothing is frozen after a failover. */
  'wait-and-freeze': 'over',
  /** R8: a change of the store is not noticed. */
  redeclaring: 'drift',
  /** R4: usage is dated by the gateway's own clock. */
  'dating-by-window': 'misdated',
  /** R4: leases are spent half a second longer. */
  'early-end': 'drift',
  /** R5: a repeated message is carried out again. */
  'known-revisions': 'over',
  /** R11: batches are not recognised. */
  marks: 'twice',
  /** R13: what was acknowledged is believed after a restart. */
  'restart-replays': 'lost',
  /** R14: acknowledged batches are dropped by age alone. */
  'purge-needs-confirmation': 'lost',
  /** R15: a lease is spent however long nobody confirmed it. */
  confirmation: 'over',
  /** R6: answers under an older configuration are believed. */
  'named-versions': 'over',
  /** Hole 28: a machine that slept goes on as if nothing had been. */
  'clock-jumps': 'misdated',
  /** R9: served although the journal did not take it. */
  'journal-first': 'lost',
  /** R12: the floor of reports does not wait for those that are not known to be done. */
  'floor-by-completion': 'lost',
  /** R10: leases are never closed. */
  'final-closes': 'drift',
} as const satisfies Record<string, Violation>;

export type Mutation = keyof typeof MUTATIONS;

export function isMutation(text: string): text is Mutation {
  return Object.hasOwn(MUTATIONS, text);
}

export const CALM: Faults = {
  kills: 0,
  stops: 0,
  backendKills: 0,
  failovers: 0,
  lag: 1_500,
  partitions: 0,
  cutFor: 3_000,
  leaseCuts: 0,
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
  cutFor: 3_000,
  leaseCuts: 1,
  planChanges: 3,
  fullDisks: 1,
  suspensions: 1,
  clockSteps: 1,
};

export const DEFAULTS: Omit<RoundOptions, 'seed'> = {
  duration: 9_000,
  gateways: 3,
  backends: 2,
  shards: 4,
  applications: 3,
  rate: 100,
  skew: 0.8,
  leaseTime: 500,
  confirmedFor: 2_000,
  learning: 200,
  horizon: 4_000,
  sealEvery: 300,
  roundTrip: [1, 5],
  slowBackends: 0,
  loss: 0.02,
  doubling: 0.02,
  lateness: 0.01,
  gatewayClockError: 2_000,
  backendClockError: 20,
  direct: 0.15,
  reports: 0.05,
  postPaid: 0.1,
  sets: 0.05,
  deathsInAdoption: 0.1,
  shareDisk: false,
  plain: false,
  wait: true,
  faults: STORMY,
  limits: null,
  start: null,
  without: null,
  active: null,
  activeRate: 0,
  measureFrom: 0,
};
