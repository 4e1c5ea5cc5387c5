import { join } from 'node:path';
import { packageRoot } from '../../shared/package-root.ts';
import { launch } from '../machine/process.ts';
import type { Candidate } from './candidate.ts';
import { PATH, USER_KEY } from './candidate.ts';

/** The gateway's engine that forwards everything: nothing authorized, limited or counted. */
export const engineAlone: Candidate = {
  name: 'engine alone',
  async start({ port, upstreamPort, core }) {
    const server = await launch({
      command: process.execPath,
      args: [join(packageRoot, 'dist/load/peers/engine-server.js'), String(port), String(upstreamPort)],
      core,
      ready: /ready/,
    });
    return { process: server, url: `http://127.0.0.1:${port}${PATH}?user_key=${USER_KEY}`, stop: () => server.stop() };
  },
};
