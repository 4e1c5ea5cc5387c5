import { createLogger } from '../../shared/log.ts';
import type { Logger } from '../../shared/log.ts';
import type { Observer } from './observer.ts';

/** Errors that the faults of a round explain. Any other that a gateway logs is a finding. */
const EXPLAINED: ReadonlySet<unknown> = new Set([
  'journal_not_writable',
  'adoption_failed',
  'delivery_unreadable',
  'reporting_thread_failed',
]);

/** The log of all gateways: what it says at the level of errors must be explained. */
export function watchedLog(observer: Observer): Logger {
  return createLogger('simulation', 'error', {
    write(line) {
      const entry: unknown = JSON.parse(line);
      const code = typeof entry === 'object' && entry !== null && 'code' in entry ? entry.code : null;
      if (!EXPLAINED.has(code)) observer.violate('fault', line.slice(0, 500));
    },
  });
}
