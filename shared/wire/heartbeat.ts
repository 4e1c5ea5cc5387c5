import { Type, type Static } from 'typebox';
import { Count, Envelope, Epoch, Id, ServiceProofs } from './common.ts';

/** One per gateway and lease time (protocol R6): it lives, and asks what changed since it last heard. */
export const HeartbeatRequest = Type.Object({
  epoch: Epoch,
  services: ServiceProofs,
  /** Identity of the store and configuration version last heard; null: nothing yet. */
  store: Type.Union([Type.String({ maxLength: 8_192 }), Type.Null()]),
  version: Type.Union([Count, Type.Null()]),
});
export type HeartbeatRequest = Static<typeof HeartbeatRequest>;

export const ChangedApplication = Type.Object({
  service: Id,
  /** `*`: every application of the service. */
  application: Id,
  version: Count,
});
export type ChangedApplication = Static<typeof ChangedApplication>;

export const HeartbeatAnswer = Type.Object({
  ...Envelope,
  /** Configuration version up to which `changed` is complete. */
  version: Count,
  /** Identity or version was unknown: anything up to `version` may have changed. */
  all: Type.Boolean(),
  changed: Type.Array(ChangedApplication),
  /** Applications short of room while this gateway holds units: their levels are to be said at once. */
  scarce: Type.Array(Type.Object({ service: Id, application: Id })),
});
export type HeartbeatAnswer = Static<typeof HeartbeatAnswer>;
