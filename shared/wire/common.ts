import { Type, type Static } from 'typebox';
import { PERIODS } from '../period.ts';
import { WIRE_BOUNDS } from './bounds.ts';

/** Any string that names something: compared byte for byte, never joined with another. */
export const Id = Type.String({ minLength: 1, maxLength: WIRE_BOUNDS.id });

/** Random 128 bits in hex, made at each start of each gateway process (protocol R1). */
export const Epoch = Type.String({
  pattern: '^[0-9a-f]{32}$',
  description: 'Random 128 bits in hex: one start of one gateway process',
});

/** Milliseconds since 1970-01-01 UTC by the backend's clock. */
export const Moment = Type.Integer({
  minimum: 0,
  maximum: 253_402_214_400_000,
  description: 'Milliseconds since 1970-01-01 UTC',
});

/** Units of usage that cannot be negative. JSON numbers are exact up to 2^53 − 1; what is larger in the store is sent as that. */
export const Amount = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** Units of usage that may be a correction downwards. */
export const SignedAmount = Type.Integer({ minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER });

/** Growing number: a lease's, a revision, a batch's sequence, a configuration version. */
export const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

export const WirePeriod = Type.Enum([...PERIODS], { description: 'UTC calendar window; weeks start on Monday' });

/** Shows that the gateway may speak for a service. Compared in constant time; never logged. */
export const ServiceProof = Type.Object({
  service: Id,
  tokenKind: Type.Enum(['service_token', 'provider_key']),
  token: Type.String({ minLength: 1, maxLength: WIRE_BOUNDS.id }),
});
export type ServiceProof = Static<typeof ServiceProof>;

export const ServiceProofs = Type.Array(ServiceProof, { minItems: 1, maxItems: WIRE_BOUNDS.services });

/** What every answer of the backend carries. */
export const Envelope = {
  /** Identity of the whole store (protocol R8): when it changes, acknowledged writes may be lost. */
  store: Type.String({ minLength: 1, maxLength: 8_192 }),
  /** The backend's clock while it answered. */
  now: Moment,
};

/**
 * How one message of many was answered. `outage`: nothing could be decided, ask again with the same message.
 * `unauthenticated`: no valid token for its service was in the request. `unknown`: there is no such application or
 * metric. `invalid`: it cannot be carried out, and repeating it will not help.
 */
export const MessageCode = Type.Enum(['ok', 'outage', 'unauthenticated', 'unknown', 'invalid']);
export type MessageCode = Static<typeof MessageCode>;

/**
 * Body of every answer that is not 2xx: 400 malformed, 401 no valid token at all, 413 too large, 422 a batch that must
 * be set aside, 503 ask again. The codes are those of the error registry.
 */
export const WireError = Type.Object({ error: Type.Object({ code: Type.String(), message: Type.String() }) });
export type WireError = Static<typeof WireError>;
