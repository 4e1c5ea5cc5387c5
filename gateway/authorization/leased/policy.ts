import type { Call } from '../authorizer.ts';
import type { Caller } from './caller.ts';

/** What the service declared for an outage (BACKEND_DOWN): may this call be served without the backend? `ageMs`: of what is known of the caller. */
export function servesWithout(call: Call, caller: Caller, ageMs: number): boolean {
  const stale = ageMs > call.service.staleSeconds * 1000;
  switch (call.service.backendDown) {
    case 'strict':
      return false;
    case 'resilient':
      return caller.application !== null && !caller.denied && !stale;
    case 'allow':
      return !caller.denied || stale;
  }
}
