import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import type { EngineDeps } from '../http1/config.ts';

/** The engine's transitions and faults, as log lines. */
export function engineDeps(clock: Clock, log: Logger): EngineDeps {
  return {
    clock,
    events: {
      fault: (error) => log.error({ code: 'internal_error', error }, 'a request ended with a fault in the gateway'),
      upstreamDown: (upstream, reason) => log.warn({ code: 'upstream_down', upstream, reason }, 'upstream fails'),
      pipeliningStopped: (upstream, reason) =>
        log.warn({ code: 'pipelining_stopped', upstream, reason }, 'one request at a time from now on'),
      upstreamUp: (upstream) => log.info({ code: 'upstream_up', upstream }, 'upstream answers again'),
    },
  };
}
