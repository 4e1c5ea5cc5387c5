import { Type, type Static } from 'typebox';
import { WIRE_BOUNDS } from './bounds.ts';
import { Count, Envelope, Epoch, Id, Moment, ServiceProofs, SignedAmount } from './common.ts';

/** Whose usage: an application, or the credential that the backend must resolve to one. */
export const BatchOwner = Type.Object({ service: Id, kind: Type.Enum(['application', 'user_key', 'app_id']), id: Id });
export type BatchOwner = Static<typeof BatchOwner>;

const OwnerIndex = Type.Integer({ minimum: 0, maximum: WIRE_BOUNDS.entries - 1, description: 'Index into `owners`' });

/** Usage of one metric in one minute. `use` moves the statistics, `take` the limits (protocol R11). */
export const BatchEntry = Type.Object({
  owner: OwnerIndex,
  metric: Id,
  minute: Moment,
  use: SignedAmount,
  take: SignedAmount,
});
export type BatchEntry = Static<typeof BatchEntry>;

/** Answers with one status in one minute. */
export const BatchCode = Type.Object({
  owner: OwnerIndex,
  minute: Moment,
  status: Type.Integer({ minimum: 0, maximum: 999 }),
  count: SignedAmount,
});
export type BatchCode = Static<typeof BatchCode>;

/** A sealed journal segment, folded: (epoch, sequence) names this content for ever (protocol R10, R11). */
export const BatchRequest = Type.Object({
  epoch: Epoch,
  services: ServiceProofs,
  sequence: Count,
  /** Lowest sequence of this epoch that may still come. */
  floor: Count,
  owners: Type.Array(BatchOwner, { maxItems: WIRE_BOUNDS.entries }),
  entries: Type.Array(BatchEntry, { maxItems: WIRE_BOUNDS.entries }),
  codes: Type.Array(BatchCode, { maxItems: WIRE_BOUNDS.entries }),
});
export type BatchRequest = Static<typeof BatchRequest>;

/**
 * 200 `applied`: every part is marked in the store, now or earlier. 202 `queued`: send it again after 5 s.
 * 422: this identity came before with another content (`conflict`), or it cannot be read: set it aside, never send it again.
 */
export const BatchAnswer = Type.Object({
  ...Envelope,
  result: Type.Enum(['applied', 'repeat', 'queued']),
  /** Entries and codes that could not be counted and why; the rest was. An operator sees them. */
  setAside: Type.Array(Type.Object({ list: Type.Enum(['entries', 'codes']), index: Count, reason: Type.String() })),
});
export type BatchAnswer = Static<typeof BatchAnswer>;
