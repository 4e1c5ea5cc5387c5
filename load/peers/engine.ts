import { join } from 'node:path';
import { packageRoot } from '../../shared/package-root.ts';
import { launch } from '../machine/process.ts';
import type { Candidate } from './candidate.ts';
import { NODE_WARM_UP, startedAs } from './candidate.ts';
import { ONE_CALLER } from './setup.ts';
import type { Setup } from './setup.ts';

/** The gateway's engine that forwards everything: nothing authorized, limited or counted. */
export const engineAlone: Candidate = {
  name: 'engine alone',
  warmUpSeconds: NODE_WARM_UP,
  start: (stage) => start(stage, 0, ONE_CALLER),
};

/** The engine that forwards what one of its mapping rules is for. */
export function engineWithRules(setup: Setup): Candidate {
  return { name: 'engine with rules', warmUpSeconds: NODE_WARM_UP, start: (stage) => start(stage, setup.rules, setup) };
}

async function start(
  { port, upstreamPort, core }: Parameters<Candidate['start']>[0],
  rules: number,
  setup: Setup,
): ReturnType<Candidate['start']> {
  const server = await launch({
    command: process.execPath,
    args: [join(packageRoot, 'dist/load/peers/engine-server.js'), String(port), String(upstreamPort), String(rules)],
    core,
    ready: /ready/,
  });
  return startedAs(server, port, setup);
}
