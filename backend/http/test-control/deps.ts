import type { Configuration } from '../../configuration/configuration.ts';
import type { EventList } from '../../events/event-list.ts';
import type { ProviderAccounting } from '../../events/provider-accounting.ts';
import type { StoredErrors } from '../../events/stored-errors.ts';
import type { Jobs } from '../../jobs/contract.ts';
import type { Store } from '../../store/store.ts';
import type { TestTime } from './test-time.ts';

/** What the test control is made of. */
export interface TestControlDeps {
  readonly store: Store;
  readonly configuration: Configuration;
  readonly errors: StoredErrors;
  readonly events: EventList;
  readonly accounting: ProviderAccounting | null;
  readonly jobs: Pick<Jobs, 'drain'>;
  readonly time: TestTime;
}
