import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../shared/package-root.ts';
import { launch } from '../machine/process.ts';
import type { Candidate } from './candidate.ts';
import { NODE_WARM_UP, startedAs } from './candidate.ts';
import type { Setup } from './setup.ts';
import { gatewayServices } from './tallygate.ts';

/** The gateway with a constant decision from memory: no lease, no journal, no backend. */
export function uncounted(setup: Setup): Candidate {
  return {
    name: 'without leases and journal',
    warmUpSeconds: NODE_WARM_UP,
    async start(stage) {
      await mkdir(stage.folder, { recursive: true });
      const configFile = join(stage.folder, 'gateway.json');
      await writeFile(configFile, JSON.stringify({ services: gatewayServices(stage, setup) }));
      const server = await launch({
        command: process.execPath,
        args: [join(packageRoot, 'dist/load/peers/uncounted-server.js'), String(setup.applications)],
        env: {
          HOST: '127.0.0.1',
          PORT: String(stage.port),
          BACKEND_URL: 'http://127.0.0.1:9',
          CONFIG_FILE: configFile,
        },
        core: stage.core,
        ready: /ready/,
      });
      return startedAs(server, stage.port, setup);
    },
  };
}
