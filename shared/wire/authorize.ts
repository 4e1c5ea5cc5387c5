import { Type, type Static } from 'typebox';
import { WIRE_BOUNDS } from './bounds.ts';
import { Amount, Count, Envelope, Id, MessageCode, ServiceProofs, WirePeriod } from './common.ts';

/** What a caller showed. `token` is an OAuth access token that the service maps to an application. */
export const WireCredentials = Type.Union([
  Type.Object({ kind: Type.Literal('user_key'), userKey: Id }),
  Type.Object({ kind: Type.Literal('app_id'), appId: Id, appKey: Type.Union([Id, Type.Null()]) }),
  Type.Object({ kind: Type.Literal('token'), token: Id }),
]);
export type WireCredentials = Static<typeof WireCredentials>;

export const AuthorizeMessage = Type.Object({
  service: Id,
  credentials: WireCredentials,
  /** The request's referrer, for applications with referrer filters. */
  referrer: Type.Union([Id, Type.Null()]),
  /** The metrics that the service's mapping rules use, as far as the gateway met them: the answer tells of these. */
  metrics: Type.Array(Id, { maxItems: WIRE_BOUNDS.metrics }),
});
export type AuthorizeMessage = Static<typeof AuthorizeMessage>;

export const AuthorizeRequest = Type.Object({
  services: ServiceProofs,
  messages: Type.Array(AuthorizeMessage, { minItems: 1, maxItems: WIRE_BOUNDS.messages }),
});
export type AuthorizeRequest = Static<typeof AuthorizeRequest>;

/** How usage of one metric is limited for one application. */
export const MetricTerms = Type.Object({
  metric: Id,
  /** False: the service has no such metric; usage of it is refused. */
  known: Type.Boolean(),
  /** The metric and its ancestors, itself first: what a unit of its usage adds to. */
  chain: Type.Array(Id),
  /** Every limit on the chain; empty: unlimited, needs no lease. */
  limits: Type.Array(Type.Object({ metric: Id, period: WirePeriod, max: Amount })),
  /** The smallest limited period: the window of a lease. */
  period: Type.Union([WirePeriod, Type.Null()]),
  /** Some limit is 0: refused until the configuration changes, without a lease. */
  disabled: Type.Boolean(),
});
export type MetricTerms = Static<typeof MetricTerms>;

/** Why credentials were refused: codes of the 3scale contract, and `token_invalid`. */
export const DenialCode = Type.Enum([
  'user_key_invalid',
  'application_not_found',
  'application_not_active',
  'application_key_invalid',
  'referrer_not_allowed',
  'service_not_active',
  'token_invalid',
  'credentials_not_accepted',
]);
export type DenialCode = Static<typeof DenialCode>;

export const AuthorizeReply = Type.Object({
  code: MessageCode,
  /** Why the caller is refused; null: admitted, or `code` is not `ok`. */
  denied: Type.Union([DenialCode, Type.Null()]),
  /** Id of the application that the credentials belong to; null when refused. */
  application: Type.Union([Id, Type.Null()]),
  plan: Type.Union([Type.String(), Type.Null()]),
  /** True: the answer holds for this referrer only. */
  byReferrer: Type.Boolean(),
  metrics: Type.Array(MetricTerms),
  /** Configuration version under which this was decided. */
  version: Count,
  /** Milliseconds for which the answer may be used at most, counted from when the request was sent. */
  ttl: Type.Integer({ minimum: 0 }),
});
export type AuthorizeReply = Static<typeof AuthorizeReply>;

/** Order of replies = order of messages. */
export const AuthorizeAnswer = Type.Object({ ...Envelope, replies: Type.Array(AuthorizeReply) });
export type AuthorizeAnswer = Static<typeof AuthorizeAnswer>;
