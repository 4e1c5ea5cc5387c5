import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { MetricRecord } from '../../domain/metric.ts';
import { attribute, pathParameter, wrapped } from './attributes.ts';
import { whoAsks } from './authentication.ts';
import type { InternalDeps } from './deps.ts';
import { notFound } from './errors.ts';
import type { Answer } from './json.ts';
import { toJson } from './json.ts';

export function metricRoutes(server: FastifyInstance, deps: InternalDeps): void {
  const { metrics } = deps.configuration;
  const path = '/services/:service/metrics/:metric';

  server.get(path, async (request) => {
    const service = pathParameter(request, 'service');
    const metric = await metrics.get(service, pathParameter(request, 'metric'));
    if (metric === null) throw notFound('metric not found');
    return toJson({ status: 'found', metric: shown(service, metric) });
  });

  const save = async (request: FastifyRequest): Promise<Answer> => {
    const attributes = wrapped(request, 'metric');
    const service = pathParameter(request, 'service');
    const parent = attribute(attributes, 'parent_id');
    const metric: MetricRecord = {
      id: pathParameter(request, 'metric'),
      name: attribute(attributes, 'name') ?? '',
      parentId: parent === undefined || parent === '' ? null : parent,
    };
    await metrics.save(whoAsks(request), service, metric);
    return shown(service, metric);
  };

  server.post(path, async (request, reply) => {
    const metric = await save(request);
    void reply.code(201);
    return toJson({ status: 'created', metric });
  });

  server.put(path, async (request) => toJson({ status: 'modified', metric: await save(request) }));

  server.delete(path, async (request) => {
    const service = pathParameter(request, 'service');
    if (!(await metrics.delete(whoAsks(request), service, pathParameter(request, 'metric')))) {
      throw notFound('metric not found');
    }
    return toJson({ status: 'deleted' });
  });
}

function shown(service: string, metric: MetricRecord): Answer {
  return { service_id: service, id: metric.id, parent_id: metric.parentId, name: metric.name };
}
