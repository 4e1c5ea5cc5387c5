import { windowEnd, windowStart, type Period } from '../../shared/period.ts';
import { encode } from '../backend-client/form.ts';

/**
 * The fixed beginning of the RateLimit fields (draft-ietf-httpapi-ratelimit-headers-10) of one limit: policy, and the
 * limit up to its `r` parameter. `at`: some moment of the window, ms.
 */
export function rateLimitPrefix(metric: string, period: Period, max: number, at: number): string {
  const name = quoted(metric);
  const width = period === 'eternity' ? '' : `;w=${(windowEnd(period, at) - windowStart(period, at)) / 1000}`;
  return `RateLimit-Policy: ${name};q=${Math.max(0, max)}${width}\r\nRateLimit: ${name};r=`;
}

/** The fields, each line with CRLF. `remaining` in units; `reset`: whole seconds to the window's end, null for eternity. */
export function rateLimitFields(prefix: string, remaining: number, reset: number | null): string {
  return reset === null ? `${prefix}${remaining}\r\n` : `${prefix}${remaining};t=${reset}\r\n`;
}

/** A String of RFC 9651; what such a string cannot hold is percent-encoded. */
function quoted(text: string): string {
  const safe = text.replace(/["\\]/g, '\\$&').replace(/[^\x20-\x7e]/gu, encode);
  return `"${safe}"`;
}
