import { Type, type Static } from 'typebox';
import { WIRE_BOUNDS } from './bounds.ts';
import {
  Amount,
  Count,
  Envelope,
  Epoch,
  Id,
  MessageCode,
  Moment,
  ServiceProofs,
  SignedAmount,
  WirePeriod,
} from './common.ts';

/** The one lease message (protocol R5): ask, renew, return, close, re-declare. Levels, never differences, so that a repeat is harmless. */
export const LeaseMessage = Type.Object({
  /** Number of the lease within the epoch. */
  number: Count,
  /** A new question has a new revision; a repeat has the same. */
  rev: Count,
  service: Id,
  application: Id,
  metric: Id,
  /** Units spent. */
  used: Amount,
  /** Units that the gateway holds, spent ones included: more than the store knows means that the store forgot. */
  held: Amount,
  /** Units that it would like to hold; less than it holds returns the difference. */
  want: Amount,
  /** Fewer than used + need are of no use. */
  need: Amount,
  /** Ask for the window after the current one. Only while the lease has no window yet. */
  next: Type.Boolean(),
  /** Nothing more will be spent: `want` is what was used. */
  final: Type.Boolean(),
  /** The lease's window, once it is known: some moment inside it, and its period. Used when the store forgot the lease. */
  at: Type.Union([Moment, Type.Null()]),
  period: Type.Union([WirePeriod, Type.Null()]),
});
export type LeaseMessage = Static<typeof LeaseMessage>;

export const LeasesRequest = Type.Object({
  /** Whose leases: the gateway's own epoch, or that of a dead process whose journal it adopted. */
  epoch: Epoch,
  services: ServiceProofs,
  messages: Type.Array(LeaseMessage, { minItems: 1, maxItems: WIRE_BOUNDS.messages }),
});
export type LeasesRequest = Static<typeof LeasesRequest>;

/** The limit with the least room, for the RateLimit fields (protocol R19). */
export const TightestLimit = Type.Object({ metric: Id, period: WirePeriod, max: Amount, end: Moment });
export type TightestLimit = Static<typeof TightestLimit>;

/**
 * Answer to one message. Unless `code` is `ok` only `number`, `rev` and `code` mean anything.
 */
export const LeaseReply = Type.Object({
  number: Count,
  rev: Count,
  code: MessageCode,
  /** Units of the lease, spent ones included. */
  ceiling: Amount,
  /** The lease's window. */
  start: Moment,
  end: Moment,
  period: WirePeriod,
  /** What every limit of the chain could still grant; negative: over a limit. */
  room: SignedAmount,
  /** Living gateways that hold units of this application, at least 1. */
  active: Type.Integer({ minimum: 1 }),
  /** Units that others hold unspent, as last told. */
  elsewhere: Amount,
  tightest: Type.Union([TightestLimit, Type.Null()]),
  /** End of the longest window that cannot grant what was asked; null: none, or it is eternity. */
  retryAt: Type.Union([Moment, Type.Null()]),
  /** Over a limit: fall to what is used and say so. */
  shrink: Type.Boolean(),
  /** Grants are frozen after a change of the store (protocol R8): an outage, not a refusal. */
  frozen: Type.Boolean(),
  /** The plan's limits no longer fit this lease (none left, or one in a smaller period): close it and ask anew. */
  replan: Type.Boolean(),
  /** Configuration version under which this was decided. */
  version: Count,
});
export type LeaseReply = Static<typeof LeaseReply>;

/** Order of replies = order of messages. */
export const LeasesAnswer = Type.Object({ ...Envelope, replies: Type.Array(LeaseReply) });
export type LeasesAnswer = Static<typeof LeasesAnswer>;
