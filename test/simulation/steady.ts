import { windowStart } from '../../shared/period.ts';
import { CALM, DEFAULTS } from './options.ts';
import type { RoundOptions } from './options.ts';
import { runRound } from './round.ts';
import type { RoundResult } from './round.ts';

const START = Date.UTC(2024, 2, 5, 13, 37);
const MINUTE = 60_000;
/** What is not steady yet, from the first request on, ms. */
const START_UP = 10_000;
/** Whole windows that are measured; of the largest limits fewer, and one that is cut off in the middle. */
const WINDOWS = 3;
const LARGE = 100_000;
const SEED = 7;

/** No faults, real times: what the protocol costs when all is well. */
const STEADY: Omit<RoundOptions, 'seed' | 'gateways' | 'rate' | 'limits' | 'duration'> = {
  ...DEFAULTS,
  applications: 1,
  shards: 1,
  leaseTime: 1_000,
  confirmedFor: 10_000,
  horizon: 60_000,
  sealEvery: 1_000,
  loss: 0,
  doubling: 0,
  lateness: 0,
  gatewayClockError: 0,
  backendClockError: 5,
  direct: 0,
  reports: 0,
  postPaid: 0,
  sets: 0,
  deathsInAdoption: 0,
  plain: true,
  faults: CALM,
  start: START,
};

export interface SteadyOptions {
  readonly gateways: number;
  /** Units of a minute. */
  readonly limit: number;
  /** Multiple of the limit. */
  readonly demand: number;
  readonly roundTrip: readonly [number, number];
}

export interface SteadyRow extends SteadyOptions {
  readonly requests: number;
  /** After the start-up. */
  readonly waitsPerThousand: number;
  /** Of the quota of whole windows that was asked for, when the demand was above it. */
  readonly unusedPercent: number;
  readonly refusedElsewherePercent: number;
  readonly over: number;
  readonly headersAbove: number;
  /** Lease messages' calls and heartbeats, and batches, a second, of all gateways. */
  readonly leaseCalls: number;
  readonly batchCalls: number;
}

export async function steadyRow({ gateways, limit, demand, roundTrip }: SteadyOptions): Promise<SteadyRow> {
  const windows = limit < LARGE ? WINDOWS : 1;
  const duration = limit < LARGE ? windows * MINUTE - 1 : 1.5 * MINUTE;
  const result = await runRound({
    ...STEADY,
    seed: SEED,
    gateways,
    roundTrip,
    duration,
    measureFrom: START_UP,
    rate: (limit * demand) / 60,
    limits: [{ metric: 'hits', period: 'minute', max: limit }],
  });
  const { figures, violations } = result;
  const seconds = (duration - START_UP) / 1000;
  return {
    gateways,
    limit,
    demand,
    roundTrip,
    requests: figures.requests,
    waitsPerThousand: (1000 * figures.waitsInTraffic) / figures.requestsInTraffic,
    unusedPercent: demand > 1 ? unusedIn(result, limit, windows) : 0,
    refusedElsewherePercent: (100 * figures.refusedElsewhere) / figures.requests,
    over: violations.length,
    headersAbove: figures.headersAbove,
    leaseCalls: (figures.callsInTraffic.leases + figures.callsInTraffic.heartbeat) / seconds,
    batchCalls: figures.callsInTraffic.batches / seconds,
  };
}

/** Percent of what could have been used: chance may ask for less than the limit in a window. */
function unusedIn({ admitted, figures }: RoundResult, limit: number, windows: number): number {
  let used = 0;
  let usable = 0;
  for (let window = 0; window < windows; window += 1) {
    usable += Math.min(limit, figures.requestsByMinute[window] ?? 0);
    used += Math.min(limit, admitted('application-0', 'hits', windowStart('minute', START + window * MINUTE)));
  }
  return 100 * (1 - used / usable);
}

export interface CallersOptions {
  readonly gateways: number;
  /** Callers that every gateway knows, and how many of them go on after that. */
  readonly known: number;
  readonly active: number;
  /** Requests a second of all gateways, once they are known. */
  readonly rate: number;
}

export interface CallersRow extends CallersOptions {
  /** Calls a second of all gateways, and lease messages in them. */
  readonly leaseCalls: number;
  readonly leaseMessages: number;
  readonly heartbeats: number;
  readonly batchCalls: number;
  readonly authorizeCalls: number;
  readonly waitsPerThousand: number;
  readonly over: number;
}

/** Callers are made known in this time; idle leases are closed 60 s after that, and then it is measured for a while, ms. */
const MAKING_KNOWN = 30_000;
const CLOSED_AFTER = 100_000;
const MEASURED = 30_000;

/** Gateways that each know many callers, of whom few are active any more: what do the others cost? */
export async function callersRow(options: CallersOptions): Promise<CallersRow> {
  const { gateways, known, active, rate } = options;
  const { figures, violations } = await runRound({
    ...STEADY,
    seed: SEED,
    gateways,
    skew: 0,
    applications: known,
    // Three requests of each at each gateway: nearly all are known then.
    rate: known === active ? rate : (known * gateways * 3_000) / MAKING_KNOWN,
    activeRate: rate,
    limits: [{ metric: 'hits', period: 'minute', max: 100_000 }],
    active: { after: MAKING_KNOWN, applications: active },
    measureFrom: CLOSED_AFTER,
    duration: CLOSED_AFTER + MEASURED,
  });
  const seconds = MEASURED / 1000;
  const { leases, heartbeat, batches, authorize, messages } = figures.callsInTraffic;
  return {
    ...options,
    leaseCalls: leases / seconds,
    leaseMessages: messages / seconds,
    heartbeats: heartbeat / seconds,
    batchCalls: batches / seconds,
    authorizeCalls: authorize / seconds,
    waitsPerThousand: (1000 * figures.waitsInTraffic) / figures.requestsInTraffic,
    over: violations.length,
  };
}
