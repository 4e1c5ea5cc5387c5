import { systemClock } from '../../../shared/clock.ts';
import type { Clock } from '../../../shared/clock.ts';

/** The real clock, as if it had been `start` at this call: for stores whose server has timers of its own. */
export function runningFrom(start: number): Clock {
  const offset = start - systemClock.now();
  return { ...systemClock, now: () => systemClock.now() + offset };
}
