import type { Denial } from '../errors.ts';
import type { Application } from '../model.ts';

/** What a call presents for itself. */
export interface Presented {
  /** Null when absent; an empty key is a key that is not there, but was sent. */
  readonly appKey: string | null;
  readonly referrer: string | null;
  readonly redirectUrl: string | null;
  readonly redirectUri: string | null;
}

/** One reason to deny a call; null when it does not apply. `now`: the backends' clock, ms. */
export type Check = (application: Application, presented: Presented, now: number) => Denial | null;
