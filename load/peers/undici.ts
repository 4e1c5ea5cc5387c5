import { join } from 'node:path';
import { packageRoot } from '../../shared/package-root.ts';
import { launch } from '../machine/process.ts';
import type { Candidate } from './candidate.ts';
import { PATH, USER_KEY } from './candidate.ts';

/** `node:http` and undici with the key look-up alone. */
export const nodeUndici: Candidate = {
  name: 'node:http + undici',
  async start({ port, upstreamPort, core, applications }) {
    const process_ = await launch({
      command: process.execPath,
      args: [
        join(packageRoot, 'dist/load/peers/undici-server.js'),
        String(port),
        String(upstreamPort),
        String(applications),
      ],
      core,
      ready: /ready/,
    });
    return {
      process: process_,
      url: `http://127.0.0.1:${port}${PATH}?user_key=${USER_KEY}`,
      stop: () => process_.stop(),
    };
  },
};
