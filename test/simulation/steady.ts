import { windowStart } from '../../shared/period.ts';
import { CALM, DEFAULTS } from './options.ts';
import type { RoundOptions } from './options.ts';
import { runRound } from './round.ts';
import type { RoundResult } from './round.ts';

const START = Date.UTC(2024, 2, 5, 13, 37);
const MINUTE = 60_000;
/** Whole windows that are measured, from the first request on. */
const WINDOWS = 3;

/** No faults, real times: what the protocol costs when all is well. */
const STEADY: Omit<RoundOptions, 'seed' | 'gateways' | 'rate' | 'limits'> = {
  ...DEFAULTS,
  duration: WINDOWS * MINUTE - 1,
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
  postPaid: 0,
  plain: true,
  faults: CALM,
  start: START,
};

export interface SteadyRow {
  readonly gateways: number;
  readonly limit: number;
  /** Multiple of the limit. */
  readonly demand: number;
  readonly roundTrip: readonly [number, number];
  readonly requests: number;
  readonly waitsPerThousand: number;
  /** Of the quota, when the demand was above it. */
  readonly unusedPercent: number;
  readonly refusedElsewherePercent: number;
  readonly over: number;
  readonly headersAbove: number;
  /** Lease messages' calls and heartbeats, and batches, a second, of all gateways. */
  readonly leaseCalls: number;
  readonly batchCalls: number;
}

export async function steadyRow(
  gateways: number,
  limit: number,
  demand: number,
  roundTrip: readonly [number, number] = [1, 5],
): Promise<SteadyRow> {
  const rate = (limit * demand) / 60;
  const limits = [{ metric: 'hits', period: 'minute', max: limit }] as const;
  const result = await runRound({ ...STEADY, seed: 7, gateways, rate, limits, roundTrip });
  const { figures, violations } = result;
  const seconds = STEADY.duration / 1000;
  return {
    gateways,
    limit,
    demand,
    roundTrip,
    requests: figures.requests,
    waitsPerThousand: (1000 * figures.waits) / figures.requests,
    unusedPercent: demand > 1 ? 100 * (1 - servedIn(result, limit) / (WINDOWS * limit)) : 0,
    refusedElsewherePercent: (100 * figures.refusedElsewhere) / figures.requests,
    over: violations.length,
    headersAbove: figures.headersAbove,
    leaseCalls: (figures.callsInTraffic.leases + figures.callsInTraffic.heartbeat) / seconds,
    batchCalls: figures.callsInTraffic.batch / seconds,
  };
}

function servedIn({ admitted }: RoundResult, limit: number): number {
  let served = 0;
  for (let window = 0; window < WINDOWS; window += 1) {
    served += Math.min(limit, admitted('application-0', 'hits', windowStart('minute', START + window * MINUTE)));
  }
  return served;
}

export interface CallersRow {
  readonly known: number;
  readonly active: number;
  /** Calls a second of all gateways, and lease messages in them. */
  readonly leaseCalls: number;
  readonly leaseMessages: number;
  readonly heartbeats: number;
  readonly batchCalls: number;
  readonly authorizeCalls: number;
  readonly waitsPerSecond: number;
  readonly over: number;
}

/** Gateways that each know many callers, of whom few are active any more: what do the others cost? */
export async function callersRow(gateways: number, known: number, active: number, rate: number): Promise<CallersRow> {
  const warm = known === active ? 2_000 : 30_000;
  const measureFrom = 75_000;
  const duration = 105_000;
  const { figures, violations } = await runRound({
    ...STEADY,
    seed: 7,
    gateways,
    skew: 0,
    applications: known,
    rate: (known * gateways * 3) / 30,
    activeRate: rate,
    limits: [{ metric: 'hits', period: 'minute', max: 100_000 }],
    active: { after: warm, applications: active },
    measureFrom,
    duration,
  });
  const seconds = (duration - measureFrom) / 1000;
  const { leases, heartbeat, batch, authorize, messages } = figures.callsInTraffic;
  return {
    known,
    active,
    leaseCalls: leases / seconds,
    leaseMessages: messages / seconds,
    heartbeats: heartbeat / seconds,
    batchCalls: batch / seconds,
    authorizeCalls: authorize / seconds,
    waitsPerSecond: figures.waitsInTraffic / seconds,
    over: violations.length,
  };
}
