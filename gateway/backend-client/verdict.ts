import type { Answer, Answered } from './answer.ts';
import { integer, readErrorCode, readStatus, type StatusDocument } from './usage-reports.ts';

/** The limit headers of an answer: of the tightest limit of the metrics asked about. */
export interface LimitHeaders {
  /** Calls like this one that are left (in authorize before it, in authrep after it). */
  readonly remaining: number;
  /** Seconds to the end of that limit's window; null: eternity. */
  readonly reset: number | null;
  readonly max: number;
}

/** What the backend says about a caller. */
export type Verdict =
  | { readonly kind: 'allowed'; readonly limits: LimitHeaders | null; readonly status: StatusDocument | null }
  /** `limits_exceeded` of the contract. */
  | { readonly kind: 'exceeded'; readonly limits: LimitHeaders | null; readonly status: StatusDocument | null }
  /** The caller is refused. `code` is the contract's; `metric` when it is about a metric and not about the caller. */
  | { readonly kind: 'refused'; readonly about: 'caller' | 'usage'; readonly code: string }
  /** No answer, or none that can be believed. `code` is set when the backend complains about the gateway itself. */
  | {
      readonly kind: 'unavailable';
      readonly code: string | null;
      /** It may have been counted: something was written, and no HTTP answer came back. */
      readonly uncertain: boolean;
    };

const CALLER_CODES: ReadonlySet<string> = new Set([
  'application_not_found',
  'user_key_invalid',
  'authentication_error',
  'not_valid_data',
  'application_key_invalid',
  'referrer_not_allowed',
  'application_not_active',
  'service_not_active',
  'oauth_not_enabled',
  'redirect_url_invalid',
  'redirect_uri_invalid',
]);
const USAGE_CODES: ReadonlySet<string> = new Set(['metric_invalid', 'usage_value_invalid']);

/**
 * Reads an answer to authorize or authrep. `bodyWanted`: the request did not ask for `no_body`. A body that came all the
 * same is read as well: a page that something else answered with 200 is no authorization.
 */
export function readVerdict(answer: Answer, bodyWanted: boolean): Verdict {
  if (!answer.ok) return { kind: 'unavailable', code: null, uncertain: answer.written };
  const withBody = bodyWanted || answer.body.length > 0;
  if (answer.status === 200) return readAllowed(answer, withBody);
  if (answer.status === 409) return readDenied(answer, withBody);
  if (answer.status >= 400 && answer.status < 499) return readError(answer, withBody);
  return unreadable(null);
}

function readAllowed(answer: Answered, withBody: boolean): Verdict {
  const status = withBody ? readStatus(answer.body) : null;
  if (withBody && status?.authorized !== true) return unreadable(null);
  return { kind: 'allowed', limits: readLimits(answer.headers), status };
}

function readDenied(answer: Answered, withBody: boolean): Verdict {
  const code = answer.headers.get('3scale-rejection-reason') ?? null;
  const status = withBody ? readStatus(answer.body) : null;
  if (status?.authorized === true) return unreadable(code);
  if (code === 'limits_exceeded') return { kind: 'exceeded', limits: readLimits(answer.headers), status };
  // The contract leaves keys in the body unescaped, so with a reason in the header the body may be unreadable.
  if (code !== null) return { kind: 'refused', about: 'caller', code };
  return status === null && withBody ? unreadable(null) : { kind: 'refused', about: 'caller', code: 'denied' };
}

/** An error document. What complains about the gateway's own token, or about the backend's insides, is no refusal of the caller. */
function readError(answer: Answered, withBody: boolean): Verdict {
  if (!withBody && answer.body.length === 0)
    return { kind: 'refused', about: 'caller', code: `status ${answer.status}` };
  const code = readErrorCode(answer.body);
  if (code !== null && CALLER_CODES.has(code)) return { kind: 'refused', about: 'caller', code };
  if (code !== null && USAGE_CODES.has(code)) return { kind: 'refused', about: 'usage', code };
  return unreadable(code);
}

function readLimits(headers: ReadonlyMap<string, string>): LimitHeaders | null {
  const remaining = integer(headers.get('3scale-limit-remaining'));
  const reset = integer(headers.get('3scale-limit-reset'));
  const max = integer(headers.get('3scale-limit-max-value'));
  if (remaining === null || reset === null || max === null) return null;
  return { remaining, reset: reset < 0 ? null : reset, max };
}

function unreadable(code: string | null): Verdict {
  return { kind: 'unavailable', code, uncertain: false };
}
