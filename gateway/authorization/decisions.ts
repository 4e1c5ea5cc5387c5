import type { Decision } from './authorizer.ts';

export const ALLOWED: Decision = Object.freeze({ allowed: true, headers: '' });
export const REFUSED_CREDENTIALS: Decision = Object.freeze({
  allowed: false,
  reason: 'credentials',
  retryAfter: null,
  headers: '',
});
export const DISABLED: Decision = Object.freeze({ allowed: false, reason: 'disabled', retryAfter: null, headers: '' });

export function limitsExceeded(retryAfter: number | null, headers: string): Decision {
  return { allowed: false, reason: 'limits', retryAfter, headers };
}

export function outage(retryAfter: number): Decision {
  return { allowed: false, reason: 'outage', retryAfter, headers: '' };
}
