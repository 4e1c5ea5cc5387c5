import type { Clock } from '../../../shared/clock.ts';
import { StoreUnavailable } from '../store.ts';

/** The promise's value, or an outage when it does not come within `milliseconds`: a server may accept a connection and never answer on it. */
export function before<T>(promise: Promise<T>, milliseconds: number, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(milliseconds, () =>
      reject(new StoreUnavailable('unresponsive', `Redis has not answered within ${milliseconds} ms`)),
    );
    promise.then(resolve, reject).finally(() => timer.cancel());
  });
}
