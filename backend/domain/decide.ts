import type { Addition, DecideReply, DecideRequest } from '../store/store.ts';
import type { Presented } from './checks/check.ts';
import { firstDenial } from './checks/order.ts';
import { contractErrors, denials } from './errors.ts';
import type { ContractError, Denial } from './errors.ts';
import type { Application, Limit } from './model.ts';
import { responseCodes } from './response-code.ts';
import { MAX_COUNTER_DIGITS, isBeyond, isNothing, isOversized, propagate, readUsage } from './usage.ts';
import type { RawUsage, Usage } from './usage.ts';
import { readReports } from './usage-report.ts';
import type { UsageReport } from './usage-report.ts';

/** An authorize or authrep call of an application that was found. */
export interface Call {
  readonly application: Application;
  readonly presented: Presented;
  readonly oauthEndpoint: boolean;
  /** Null when the call names no usage: then every limit is checked against what is stored. */
  readonly usage: RawUsage | null;
  /** HTTP status of the answer to the call, with authrep. */
  readonly code: string | null;
  /** authrep: what is admitted is counted. */
  readonly count: boolean;
  readonly flatUsage: boolean;
  /** The answer has no body: only the limits that the usage touches are looked at. */
  readonly noBody: boolean;
  /** The backends' clock, ms. */
  readonly at: number;
}

/** A call with all that can be said without the counters, and what to ask them. */
export interface Inquiry {
  readonly call: Call;
  readonly denial: Denial | null;
  /** Null: the decision needs no counter. */
  readonly request: DecideRequest | null;
  /** What `request` asks about: its bounds, then its reads. */
  readonly limits: readonly Limit[];
  /** Usage of each metric with its descendants; null when the call names none. */
  readonly usage: Usage | null;
}

export interface Decision {
  readonly call: Call;
  readonly denial: Denial | null;
  readonly reports: readonly UsageReport[];
  readonly usage: Usage | null;
  /** Something was counted. */
  readonly counted: boolean;
}

/** Everything before the counters, in the contract's order (section 3). Pure. */
export function inquire(call: Call): Inquiry | ContractError {
  const { application, usage: raw } = call;
  const unknown = call.noBody && raw !== null ? unknownName(raw, application) : null;
  if (unknown !== null) return contractErrors.metricInvalid(unknown);
  const denial = firstDenial(application, call.presented, call.oauthEndpoint, call.at);
  if (denial !== null) return showing(call, denial, null);
  if (raw === null) return asking(call, null, null);
  const usage = readUsage(raw, application.service.metrics);
  if ('kind' in usage) return usage;
  const withAncestors = propagate(usage);
  const counted = call.flatUsage ? usage : withAncestors;
  if (!isOversized(counted)) return asking(call, withAncestors, counted);
  return beyondCounters(call, raw, withAncestors, counted);
}

/** The decision, once the counters have answered; `reply` is null where the inquiry had no request. Pure. */
export function conclude(inquiry: Inquiry, reply: DecideReply | null): Decision {
  const { call, request, usage } = inquiry;
  const admitted = inquiry.denial === null && (reply === null || reply.admitted);
  const denial = admitted ? null : (inquiry.denial ?? denials.limitsExceeded);
  const counted = admitted && request !== null && request.count;
  const added = admitted && call.count ? usage : null;
  return { call, denial, usage, counted, reports: readReports(inquiry.limits, reply?.values ?? [], added) };
}

/** An amount that no counter can hold exceeds every limit; where there is none it passes, but cannot be counted. */
function beyondCounters(call: Call, raw: RawUsage, usage: Usage, counted: Usage): Inquiry | ContractError {
  const { limits } = call.application;
  if (limits.some((limit) => limit.source !== null && isBeyond(counted.get(limit.source)))) {
    return showing(call, denials.limitsExceeded, usage);
  }
  if (!call.count) return asking(call, usage, new Map([...counted].filter(([, amount]) => !isBeyond(amount))));
  const [name, value] = raw.find(([, text]) => (text ?? '').length > MAX_COUNTER_DIGITS) ?? raw[0] ?? ['', null];
  return contractErrors.usageValueInvalid(name, value ?? '');
}

/** Limits are loaded by metric name before anything is checked when there is no body; names are not stripped there. */
function unknownName(raw: RawUsage, application: Application): string | null {
  for (const [name] of raw) if (application.service.metrics.named(name) === undefined) return name;
  return null;
}

/** A denied call: the counters are only shown. `usage`: null when the call was denied before its usage was read. */
function showing(call: Call, denial: Denial, usage: Usage | null): Inquiry {
  const limits = call.application.limits.filter(({ source }) => {
    if (source === null) return false;
    return !call.noBody || usage?.has(source) === true;
  });
  const request = limits.length === 0 ? null : toRequest(call, [], [], limits);
  return { call, denial, request, limits, usage };
}

function asking(call: Call, usage: Usage | null, counted: Usage | null): Inquiry {
  const { limits } = call.application;
  if (counted === null) return { call, denial: null, request: asked(call, limits, [], []), limits, usage };
  const additions: Addition[] = [];
  for (const [metric, amount] of counted) {
    if (!isNothing(amount)) additions.push({ metric: metric.id, amount: amount.value, set: amount.set });
  }
  const bounds: Limit[] = [];
  const reads: Limit[] = [];
  for (const limit of limits) {
    if (limit.source !== null && counted.has(limit.source)) bounds.push(limit);
    else if (!call.noBody && limit.source !== null) reads.push(limit);
  }
  const request = asked(call, bounds, additions, reads);
  return { call, denial: null, request, limits: reads.length === 0 ? bounds : [...bounds, ...reads], usage };
}

function asked(
  call: Call,
  bounds: readonly Limit[],
  additions: readonly Addition[],
  reads: readonly Limit[],
): DecideRequest | null {
  const counts = call.count && additions.length > 0;
  return bounds.length === 0 && reads.length === 0 && !counts ? null : toRequest(call, bounds, additions, reads);
}

function toRequest(
  call: Call,
  bounds: readonly Limit[],
  additions: readonly Addition[],
  reads: readonly Limit[],
): DecideRequest {
  const count = call.count && additions.length > 0;
  return {
    service: call.application.service.id,
    application: call.application.id,
    at: call.at,
    bounds,
    additions,
    reads,
    codes: count ? responseCodes(call.code) : [],
    count,
  };
}
