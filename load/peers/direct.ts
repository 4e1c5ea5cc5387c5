import type { Running } from '../machine/process.ts';
import type { Candidate } from './candidate.ts';
import { PATH } from './candidate.ts';

/** No proxy at all: what is in a figure before anything is added. */
export function direct(upstream: Running): Candidate {
  return {
    name: 'direct',
    start: async ({ upstreamPort }) => ({
      process: upstream,
      url: `http://127.0.0.1:${upstreamPort}${PATH}`,
      stop: async () => undefined,
    }),
  };
}
