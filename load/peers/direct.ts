import type { Running } from '../machine/process.ts';
import { NATIVE_WARM_UP, startedAs } from './candidate.ts';
import type { Candidate } from './candidate.ts';
import { ONE_CALLER } from './setup.ts';

/** No proxy at all: what is in a figure before anything is added. */
export function direct(upstream: Running): Candidate {
  return {
    name: 'direct',
    warmUpSeconds: NATIVE_WARM_UP,
    start: async ({ upstreamPort }) => ({
      ...startedAs(upstream, upstreamPort, ONE_CALLER),
      stop: async () => undefined,
    }),
  };
}
