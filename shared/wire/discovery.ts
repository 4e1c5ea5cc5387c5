import { Type, type Static } from 'typebox';
import { Count, Envelope } from './common.ts';

export const PRODUCT = 'tallygate';
/** The protocol version that this code speaks; it is also the first part of every path. */
export const PROTOCOL_VERSION = 1;

/** GET /v1: is this a Tallygate backend, and which protocol does it speak? Needs no token; says nothing of what is stored. */
export const Discovery = Type.Object({
  product: Type.String(),
  versions: Type.Array(Count),
  ...Envelope,
  /** Lease time and interval of heartbeats, milliseconds. */
  leaseTime: Type.Integer({ minimum: 1 }),
  /** `exact`: a grant is on all replicas or on disk before it is answered (protocol R7). */
  limits: Type.Enum(['exact', 'bounded']),
});
export type Discovery = Static<typeof Discovery>;
