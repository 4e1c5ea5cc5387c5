import type { Dispatcher } from 'undici';
import type { Carrier } from '../../gateway/backend-client/connection.ts';
import type { Answered, Network, Link } from './network.ts';
import type { ProcessClock } from './process-clock.ts';
import type { Timeline } from './timeline.ts';

/** What the gateway's connection takes for sockets: its requests go over the simulated network. */
export function createCarrier(timeline: Timeline, network: Network, link: Link, clock: ProcessClock): Carrier {
  return {
    dispatch({ method, path, body }, handler) {
      const controller = new Controller();
      handler.onRequestStart?.(controller, {});
      const message = { method, path, body: typeof body === 'string' ? body : null };
      network.call(link, clock, message, (answer) => {
        if (controller.aborted) return;
        controller.aborted = true;
        timeline.unsettle();
        deliver(answer, controller, handler);
      });
      return true;
    },
    destroy: () => Promise.resolve(),
  };
}

function deliver(answer: Answered, controller: Controller, handler: Dispatcher.DispatchHandler): void {
  if (answer.failed !== null) {
    const error = Object.assign(new Error(answer.failed), { code: answer.failed });
    handler.onResponseError?.(controller, error);
    return;
  }
  handler.onResponseStart?.(controller, answer.status, { 'content-type': 'application/json' });
  handler.onResponseData?.(controller, Buffer.from(answer.body));
  handler.onResponseEnd?.(controller, {});
}

/** One exchange, as undici lets its handler control it. An answered one counts as aborted: further copies are dropped. */
class Controller implements Dispatcher.DispatchController {
  aborted = false;
  paused = false;
  reason: Error | null = null;
  rawHeaders = null;
  rawTrailers = null;

  abort(reason: Error): void {
    this.aborted = true;
    this.reason = reason;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }
}
