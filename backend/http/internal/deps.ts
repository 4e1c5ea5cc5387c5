import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/log.ts';
import type { Credentials } from '../../config.ts';
import type { Configuration } from '../../configuration/configuration.ts';
import type { EventList } from '../../events/event-list.ts';
import type { StoredErrors } from '../../events/stored-errors.ts';
import type { Counters } from '../../store/store.ts';

/** What the internal API is made of. */
export interface InternalDeps {
  readonly configuration: Configuration;
  readonly counters: Pick<Counters, 'decide' | 'remove'>;
  readonly errors: StoredErrors;
  readonly events: EventList;
  /** Null: open, on a loopback address only. */
  readonly credentials: Credentials | null;
  /** Offers the endpoints by which tests make errors and events. */
  readonly testControl: boolean;
  readonly clock: Clock;
  readonly log: Logger;
}
