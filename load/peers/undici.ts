import { join } from 'node:path';
import { packageRoot } from '../../shared/package-root.ts';
import { launch } from '../machine/process.ts';
import type { Candidate } from './candidate.ts';
import { NODE_WARM_UP, startedAs } from './candidate.ts';
import { ONE_CALLER } from './setup.ts';

/** `node:http` and undici with the key look-up alone. */
export const nodeUndici: Candidate = {
  name: 'node:http + undici',
  warmUpSeconds: NODE_WARM_UP,
  async start({ port, upstreamPort, core }) {
    const server = await launch({
      command: process.execPath,
      args: [join(packageRoot, 'dist/load/peers/undici-server.js'), String(port), String(upstreamPort)],
      core,
      ready: /ready/,
    });
    return startedAs(server, port, ONE_CALLER);
  },
};
