import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/log.ts';
import type { Lookup } from '../../configuration/lookup.ts';
import type { ProviderAccounting } from '../../events/provider-accounting.ts';
import type { IntegrationErrors } from '../../integration-errors.ts';
import type { Activity, Reports } from '../../jobs/contract.ts';
import type { Counters } from '../../store/store.ts';

/** What the Service Management API is made of. */
export interface ThreescaleDeps {
  readonly lookup: Lookup;
  readonly counters: Pick<Counters, 'decide'>;
  readonly reports: Reports;
  readonly activity: Activity;
  readonly errors: IntegrationErrors;
  /** Null: calls of providers are not accounted to a master service. */
  readonly accounting: ProviderAccounting | null;
  /** The backends' one clock. */
  readonly clock: Clock;
  readonly log: Logger;
}
