import { PERIODS } from '../../shared/period.ts';
import type { Period } from '../../shared/period.ts';
import type { LeaseMessage } from '../../shared/wire/leases.ts';
import type { LeaseCommand } from '../store/store.ts';
import type { MetricLimits } from './contract.ts';

/** What a message is resolved with. */
export interface CommandContext {
  readonly epoch: string;
  /** The backend's clock, ms. */
  readonly at: number;
  /** Epochs heard within four lease times. */
  readonly living: readonly string[];
}

/** The smallest limited period: the window of a lease. Null: unlimited. */
export function smallestPeriod(limits: MetricLimits): Period | null {
  return PERIODS.find((period) => limits.bounds.some((bound) => bound.period === period)) ?? null;
}

/**
 * The command of one lease message (protocol R5). Where nothing is limited any more, nothing more is granted: the
 * message can only return.
 */
export function commandOf(
  message: LeaseMessage,
  limits: MetricLimits,
  { epoch, at, living }: CommandContext,
): LeaseCommand {
  const smallest = smallestPeriod(limits);
  const held = BigInt(message.held);
  const want = smallest === null && !message.final ? Math.min(message.want, message.held) : message.want;
  const period = smallest ?? message.period ?? 'eternity';
  return {
    service: message.service,
    application: message.application,
    epoch,
    number: message.number,
    metric: limits.chain[0] ?? message.metric,
    rev: message.rev,
    used: BigInt(message.used),
    held,
    want: BigInt(want),
    need: BigInt(message.need),
    next: message.next,
    final: message.final,
    at,
    chain: limits.chain,
    bounds: limits.bounds,
    period,
    window: message.at === null ? null : { period: message.period ?? period, start: message.at },
    living,
  };
}
