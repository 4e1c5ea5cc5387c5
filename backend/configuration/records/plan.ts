import { isPeriod } from '../../../shared/period.ts';
import type { Period } from '../../../shared/period.ts';
import type { Json } from '../../store/store.ts';
import { isList, isObject, text } from './fields.ts';

export interface LimitRecord {
  /** Id of the metric; it need not exist. */
  readonly metric: string;
  readonly period: Period;
  readonly max: bigint;
}

export function readPlan(value: Json | undefined): readonly LimitRecord[] {
  return isList(value) ? value.flatMap(readLimit) : [];
}

function readLimit(value: Json): LimitRecord[] {
  if (!isObject(value)) return [];
  const metric = text(value, 'metric');
  const period = text(value, 'period');
  const max = text(value, 'max');
  if (metric === null || period === null || max === null || !isPeriod(period)) return [];
  return [{ metric, period, max: readLimitValue(max) }];
}

export function writePlan(limits: readonly LimitRecord[]): Json {
  if (limits.length === 0) return null;
  return limits.map(({ metric, period, max }) => ({ metric, period, max: max.toString() }));
}

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

/** The integer at the beginning of a value, 0 where there is none, as the contract reads limits; at most 64 bits. */
export function readLimitValue(value: string): bigint {
  const digits = /^\s*([-+]?\d{1,30})/.exec(value)?.[1];
  const limit = digits === undefined ? 0n : BigInt(digits.replace('+', ''));
  if (limit > MAX) return MAX;
  return limit < MIN ? MIN : limit;
}
