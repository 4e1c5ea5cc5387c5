import type { FastifyInstance } from 'fastify';
import { readReports } from '../../domain/usage-report.ts';
import { applicationOf } from './applications.ts';
import type { InternalDeps } from './deps.ts';
import { notFound } from './errors.ts';
import { toJson } from './json.ts';

/** How far each limit of an application is used. */
export function utilizationRoutes(server: FastifyInstance, deps: InternalDeps): void {
  const { lookup } = deps.configuration;

  server.get('/services/:service/applications/:application/utilization/', async (request) => {
    const ref = applicationOf(request);
    if ((await lookup.service(ref.service)) === null) throw notFound('service not found');
    const application = await lookup.application(ref.service, ref.application);
    if (application === null) throw notFound('application not found');
    const reads = application.limits.filter((limit) => limit.source !== null);
    const question = { ...ref, at: deps.clock.now(), bounds: [], additions: [], reads, codes: [], count: false };
    const values = reads.length === 0 ? [] : (await deps.counters.decide(question)).values;
    const utilization = readReports(reads, values, null).map(({ limit, metric, current }) => ({
      period: limit.period,
      metric_name: metric.name,
      max_value: limit.max,
      current_value: current,
    }));
    return toJson({ status: 'found', utilization });
  });
}
