import { contractErrors } from './errors.ts';
import type { ContractError } from './errors.ts';
import type { Metric, MetricTable } from './metric.ts';
import { stripWhitespace } from './whitespace.ts';

/** What a call adds to a metric, or with `set` (`#N`) what the metric becomes. */
export interface Amount {
  readonly value: bigint;
  readonly set: boolean;
}

/** Names and values as sent, in order; a value that is not a text is null. */
export type RawUsage = readonly (readonly [name: string, value: string | null])[];

/** Amounts by metric. */
export type Usage = ReadonlyMap<Metric, Amount>;

/** Counters are signed 64-bit integers. */
export const MAX_COUNTER = 9_223_372_036_854_775_807n;

/** Stands for every amount that no counter can hold. */
const OVERSIZED = MAX_COUNTER + 1n;
/** Digits of MAX_COUNTER. Longer numbers are not converted: that takes time that grows with the square of the length. */
export const MAX_COUNTER_DIGITS = 19;

const VALUE = /^[\t\n\v\f\r ]*#?\d+[\t\n\v\f\r ]*$/;

/**
 * Reads usage by metric name (contract section 7). The first error ends it: a value that is empty or malformed
 * (`usage_value_invalid`) or an unknown name (`metric_invalid`). A name that comes twice has its last value.
 */
export function readUsage(raw: RawUsage, metrics: MetricTable): Usage | ContractError {
  const usage = new Map<Metric, Amount>();
  for (const [rawName, value] of raw) {
    const name = stripWhitespace(rawName);
    if (value === null || stripWhitespace(value) === '') return contractErrors.usageValueEmpty(name);
    if (!VALUE.test(value)) return contractErrors.usageValueInvalid(name, value);
    const metric = metrics.named(name);
    if (metric === undefined) return contractErrors.metricInvalid(name);
    usage.set(metric, readAmount(value));
  }
  return usage;
}

/**
 * Adds the usage of each metric to its ancestors: the ancestors' own amounts first, then each metric's in order. A set
 * makes every ancestor what it sets, so of several the last one stands; what is added after a set adds to it.
 */
export function propagate(usage: Usage): Usage {
  let result: Map<Metric, Amount> | null = null;
  for (const [metric, amount] of usage) {
    for (let i = 1; i < metric.chain.length; i++) {
      result ??= new Map(usage);
      // Within the bounds of the chain.
      const ancestor = metric.chain[i];
      if (ancestor !== undefined) result.set(ancestor, combine(result.get(ancestor), amount));
    }
  }
  return result ?? usage;
}

function combine(current: Amount | undefined, amount: Amount): Amount {
  if (amount.set || current === undefined) return amount;
  return { value: current.value + amount.value, set: current.set };
}

const SINGLE_DIGITS: readonly Amount[] = Array.from({ length: 10 }, (_, digit) =>
  Object.freeze({ value: BigInt(digit), set: false }),
);

function readAmount(value: string): Amount {
  const digit = value.length === 1 ? SINGLE_DIGITS[value.charCodeAt(0) - 0x30] : undefined;
  if (digit !== undefined) return digit;
  if (value.startsWith('#')) return { value: readDigits(stripWhitespace(value.slice(1))), set: true };
  const text = stripWhitespace(value);
  // White space before the `#`: the contract takes the value, does not see a set in it, and counts nothing.
  return { value: text.startsWith('#') ? 0n : readDigits(text), set: false };
}

function readDigits(digits: string): bigint {
  if (digits.length <= MAX_COUNTER_DIGITS) return BigInt(digits);
  const significant = digits.replace(/^0+/, '');
  return significant.length <= MAX_COUNTER_DIGITS ? BigInt(significant) : OVERSIZED;
}

/** True for an amount that neither adds nor sets anything. */
export function isNothing(amount: Amount): boolean {
  return !amount.set && amount.value === 0n;
}

/** True for usage that names metrics but adds nothing to any: such a transaction is dropped before it is queued. */
export function isZero(raw: RawUsage): boolean {
  return raw.length > 0 && raw.every(([, value]) => value !== null && /^[\t\n\v\f\r ]*0+[\t\n\v\f\r ]*$/.test(value));
}

/** True for an amount that no counter can hold. */
export function isBeyond(amount: Amount | undefined): boolean {
  return amount !== undefined && amount.value > MAX_COUNTER;
}

export function isOversized(usage: Usage): boolean {
  for (const amount of usage.values()) if (amount.value > MAX_COUNTER) return true;
  return false;
}
