import type { Clock } from '../../../shared/clock.ts';
import type { Store } from '../../../backend/store/store.ts';

/** What a suite is given: an empty store, and the clock that it was opened with. */
export interface OpenStore {
  readonly store: Store;
  readonly clock: Clock;
}
