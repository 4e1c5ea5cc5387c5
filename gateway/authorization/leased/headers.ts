import type { TightestLimit } from '../../../shared/wire/leases.ts';
import type { Refusal } from '../../leases/slot.ts';
import type { Decision } from '../decision.ts';
import { limitsExceeded } from '../decisions.ts';
import { rateLimitFields, rateLimitPrefix } from '../rate-limit-fields.ts';

/** Beyond this many units the number shown is rounded down, so that one answer serves many requests. */
const EXACT_UP_TO = 128;
/** Largest integer of a structured field (RFC 9651). */
const MAX_INTEGER = 999_999_999_999_999;

/** At most 1/64 less than `remaining`. */
export function roundedDown(remaining: number): number {
  if (remaining <= EXACT_UP_TO) return Math.max(0, remaining);
  return Math.min(remaining - (remaining % stepOf(remaining)), MAX_INTEGER);
}

/** The least number above `shown`, which `roundedDown` gave, that is not rounded down to it. */
export function nextShown(shown: number): number {
  if (shown < EXACT_UP_TO) return shown + 1;
  return shown === MAX_INTEGER ? Infinity : shown + stepOf(shown);
}

function stepOf(remaining: number): number {
  return 2 ** (Math.floor(Math.log2(remaining)) - 6);
}

/** Whole seconds until the limit's window ends, rounded up; null: eternity. */
export function secondsLeft(limit: TightestLimit, backendNow: number): number | null {
  if (limit.period === 'eternity') return null;
  return Math.max(0, Math.ceil((limit.end - backendNow) / 1000));
}

/** The RateLimit fields; `remaining` and `seconds` as above. */
export function fieldsOf(limit: TightestLimit, remaining: number, seconds: number | null): string {
  const prefix = rateLimitPrefix(limit.metric, limit.period, Math.min(limit.max, MAX_INTEGER), limit.end - 1);
  return rateLimitFields(prefix, remaining, seconds);
}

/** The answer to a call for more units than there are. Retry-After: a second while others hold units, else until the longest exceeded window ends. `remaining`: of the refusal's lease. */
export function limitsDecision(refusal: Refusal, remaining: number, backendNow: number): Decision {
  const { lease, retryAt, elsewhere } = refusal;
  const limit = lease.tightest;
  const seconds = retryAt === null ? null : Math.max(1, Math.ceil((retryAt - backendNow) / 1000));
  const left = roundedDown(remaining);
  const headers = limit === null ? '' : fieldsOf(limit, left, secondsLeft(limit, backendNow));
  return limitsExceeded(elsewhere ? 1 : seconds, headers);
}
