import type { AuthorizeMessage, AuthorizeReply, MetricTerms } from '../../shared/wire/authorize.ts';
import type { MessageCode } from '../../shared/wire/common.ts';
import { StoreUnavailable } from '../store/store.ts';
import { notNegative } from './amounts.ts';
import { smallestPeriod } from './commands.ts';
import type { GatewayConfiguration, MetricLimits } from './contract.ts';

/** Answers one authorize message. `services`: those whose token was valid. Never throws for an outage: it says so. */
export async function authorize(
  configuration: GatewayConfiguration,
  message: AuthorizeMessage,
  services: ReadonlySet<string>,
  at: number,
): Promise<AuthorizeReply> {
  if (!services.has(message.service)) return withoutDecision('unauthenticated');
  try {
    const found = await configuration.authorize(message, at);
    const { version, byReferrer, denied } = found;
    if (denied !== null) return { ...withoutDecision('ok'), denied, byReferrer, version, ttl: DENIAL_TTL };
    const { application, plan, ttl, metrics } = found;
    const terms = message.metrics.map((metric, index) => termsOf(metric, metrics[index] ?? null));
    return { code: 'ok', denied: null, application, plan, byReferrer, metrics: terms, version, ttl };
  } catch (error) {
    if (error instanceof StoreUnavailable) return withoutDecision('outage');
    throw error;
  }
}

/** A refusal is asked again at least this often, ms; a change of the service ends it earlier. */
const DENIAL_TTL = 10_000;

function withoutDecision(code: MessageCode): AuthorizeReply {
  return { code, denied: null, application: null, plan: null, byReferrer: false, metrics: [], version: 0, ttl: 0 };
}

function termsOf(metric: string, limits: MetricLimits | null): MetricTerms {
  if (limits === null) return { metric, known: false, chain: [], limits: [], period: null, disabled: false };
  return {
    metric,
    known: true,
    chain: [...limits.names],
    limits: limits.bounds.map(({ name, period, max }) => ({ metric: name, period, max: notNegative(max) })),
    period: smallestPeriod(limits),
    disabled: limits.bounds.some(({ max }) => max <= 0n),
  };
}
