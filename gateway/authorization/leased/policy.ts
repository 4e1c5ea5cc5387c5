import type { Call } from '../authorizer.ts';
import type { Decision, Refusal } from '../decision.ts';
import type { Caller } from './caller.ts';

export const ALLOWED: Decision = Object.freeze({ allowed: true, headers: '' });

function refused(reason: Refusal['reason'], retryAfter: number | null): Refusal {
  return Object.freeze({ allowed: false, reason, retryAfter, headers: '' });
}

export const REFUSED_CREDENTIALS = refused('credentials', null);
export const REFUSED_DISABLED = refused('disabled', null);
/** Nothing could be decided: try again in a second. */
export const OUTAGE = refused('outage', 1);

/** What the service declared for an outage (BACKEND_DOWN): may this call be served without the backend? */
export function servesWithout(call: Call, caller: Caller, ageMs: number): boolean {
  switch (call.service.backendDown) {
    case 'strict':
      return false;
    case 'resilient':
      return caller.application !== null && !caller.denied && ageMs <= call.service.staleSeconds * 1000;
    case 'allow':
      return !caller.denied || ageMs > call.service.staleSeconds * 1000;
  }
}
