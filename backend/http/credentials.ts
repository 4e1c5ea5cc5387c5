import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../shared/clock.ts';
import { Fault, backendErrors } from '../../shared/errors.ts';

/** Wrong credentials that one address may show in a minute before it is turned away. */
const MAX_FAILURES = 10;
const FAILURE_WINDOW = 60_000;
/** Addresses remembered; the one seen longest ago is forgotten first. */
const MAX_ADDRESSES = 10_000;

/** Compares in a time that does not depend on where the two differ, or on their lengths. */
export function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

/** The token of `Authorization: Bearer`, or null. */
export function bearerToken(request: FastifyRequest): string | null {
  const match = /^bearer +([^\s]+)$/i.exec(request.headers.authorization ?? '');
  return match?.[1] ?? null;
}

/** User and password of `Authorization: Basic`, or null. */
export function basicCredentials(request: FastifyRequest): { readonly user: string; readonly password: string } | null {
  const match = /^basic +([A-Za-z0-9+/=]+)$/i.exec(request.headers.authorization ?? '');
  const text = Buffer.from(match?.[1] ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Slows down guessing: counts wrong credentials by address and turns an address away when there are too many. */
export class FailureLimit {
  readonly #clock: Clock;
  readonly #failures = new LRUCache<string, { count: number; readonly since: number }>({ max: MAX_ADDRESSES });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Call before credentials are compared. Throws a Fault (`too_many_failures`) for an address that failed too often. */
  admit(address: string): void {
    const failures = this.#failures.get(address);
    if (failures === undefined || failures.count < MAX_FAILURES) return;
    if (this.#clock.monotonic() - failures.since < FAILURE_WINDOW) throw new Fault(backendErrors.tooManyFailures);
    this.#failures.delete(address);
  }

  /** Call when they were wrong. */
  failed(address: string): void {
    const now = this.#clock.monotonic();
    const failures = this.#failures.get(address);
    if (failures === undefined || now - failures.since >= FAILURE_WINDOW) {
      this.#failures.set(address, { count: 1, since: now });
    } else {
      failures.count += 1;
    }
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
