import { join } from 'node:path';
import { packageRoot } from '../../shared/package-root.ts';
import { freePorts } from '../machine/ports.ts';
import { launch } from '../machine/process.ts';
import type { Started } from './candidate.ts';

/** What the backend is measured against: a fastify route that returns a constant. */
export async function startConstant(core: number | null): Promise<Started> {
  const [port = 0] = await freePorts(1);
  const script = join(packageRoot, 'dist/load/peers/constant-server.js');
  const server = await launch({ command: process.execPath, args: [script, String(port)], core, ready: /ready/ });
  const targets = [{ host: '127.0.0.1', path: '/' }];
  return { process: server, port, targets, status: 200, stop: () => server.stop() };
}
