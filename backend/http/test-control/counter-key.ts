import { isPeriod, windowStart } from '../../../shared/period.ts';
import type { Period } from '../../../shared/period.ts';
import type { Counter } from '../../store/store.ts';

/** A counter under the name that it has in the contract's implementation (contract section 11). */
export interface NamedCounter {
  readonly service: string;
  /** Null: the sum of the service. */
  readonly application: string | null;
  readonly counter: Counter;
  readonly period: Period;
  /** ms since the epoch. */
  readonly start: number;
}

const COUNTER = /^stats\/\{service:(.*?)\}(?:\/cinstance:(.*?))?\/(metric|response_code):(.*)\/([a-z]+)(?::(\d+))?$/s;
const ALERT = /^alerts\/service_id:(.*?)\/app_id:(.*)\/(\d+)\/already_notified$/s;

/** Null for a key that names no counter. */
export function parseCounterKey(key: string): NamedCounter | null {
  const found = COUNTER.exec(key);
  if (found === null) return null;
  const [, service = '', application, kind, id = '', period = '', digits] = found;
  if (!isPeriod(period)) return null;
  const start = period === 'eternity' ? 0 : startOf(period, digits ?? '');
  if (start === null) return null;
  const counter = kind === 'metric' ? { metric: id } : { code: id };
  return { service, application: application ?? null, counter, period, start };
}

/** `YYYYMMDDHHMMSS` without the zeros at its end; the date is always whole. */
function startOf(period: Period, digits: string): number | null {
  if (digits.length < 8) return null;
  const full = digits.padEnd(14, '0');
  const part = (from: number, to: number) => Number(full.slice(from, to));
  const at = Date.UTC(part(0, 4), part(4, 6) - 1, part(6, 8), part(8, 10), part(10, 12), part(12, 14));
  return windowStart(period, at);
}

export interface NamedAlert {
  readonly service: string;
  readonly application: string;
  readonly bin: number;
}

/** The flag that mutes an alert; null for another key. */
export function parseAlertKey(key: string): NamedAlert | null {
  const found = ALERT.exec(key);
  if (found === null) return null;
  const [, service = '', application = '', bin = ''] = found;
  return { service, application, bin: Number(bin) };
}
