import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../shared/clock.ts';

/** Between two looks for connections that have become idle, ms. */
const SWEEP_INTERVAL = 20;

/** Takes no new connection, answers what is under way, and closes each connection as it becomes idle: a kept-alive one would hold the server up until its time-out. */
export async function closeServer(server: FastifyInstance, clock: Clock): Promise<void> {
  const sweep = clock.every(SWEEP_INTERVAL, () => server.server.closeIdleConnections());
  try {
    await server.close();
  } finally {
    sweep.cancel();
  }
}
