import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../../metrics/metrics.ts';

/** `/metrics` in the text format of Prometheus. */
export function metricsRoutes(metrics: Metrics): (server: FastifyInstance) => void {
  return (server) => {
    const schema = { tags: ['operations'], summary: 'Metrics in the text format of Prometheus' };
    server.get('/metrics', { schema }, async (_request, reply) => {
      const { contentType, body } = await metrics.scrape();
      return reply.header('content-type', contentType).send(body);
    });
  };
}
