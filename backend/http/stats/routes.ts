import type { FastifyInstance, FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { Static, TSchema } from 'typebox';
import type { Clock } from '../../../shared/clock.ts';
import type { Analytics, UsageQuestion } from '../../analytics/queries.ts';
import type { Routes } from '../../contract.ts';
import { FailureLimit } from '../credentials.ts';
import { topAnswer, topCsv, usageAnswer, usageCsv } from './answers.ts';
import { adminTokenHook } from './authenticate.ts';
import * as schemas from './schemas.ts';

/** Services, and applications of one, that are listed at most. */
const MAX_LISTED = 1_000;

const FORMATS = ['json', 'csv'] as const;
type Format = (typeof FORMATS)[number];

export interface StatsOptions {
  /** null: open. */
  readonly adminToken: string | null;
  readonly clock: Clock;
}

interface Owner {
  readonly service_id?: string;
  readonly app_id?: string;
}

/** Whose usage is asked for: the first part of the path. */
interface Scope {
  readonly path: string;
  readonly params: TSchema;
  readonly summary: string;
}

type Range = Omit<Static<typeof schemas.UsageQuery>, 'metric_name'>;

const SCOPES: readonly Scope[] = [
  { path: '/stats/services/:service_id', params: schemas.ServiceParams, summary: 'a service' },
  {
    path: '/stats/services/:service_id/applications/:app_id',
    params: schemas.ServiceApplicationParams,
    summary: 'an application',
  },
  {
    path: '/stats/applications/:app_id',
    params: schemas.ApplicationParams,
    summary: 'an application, by its id alone',
  },
];

/** The analytics API, in 3scale's shape: usage, usage by response code, and top applications, as JSON and as CSV. */
export function statsRoutes(analytics: Analytics, options: StatsOptions): Routes {
  return (server) => {
    if (options.adminToken !== null) {
      server.addHook('onRequest', adminTokenHook(options.adminToken, new FailureLimit(options.clock)));
    }
    for (const format of FORMATS) {
      for (const scope of SCOPES) {
        usageRoute(server, analytics, scope, format);
        responseCodeRoute(server, analytics, scope, format);
      }
      topRoute(server, analytics, format);
    }
    catalogRoutes(server, analytics);
  };
}

function usageRoute(server: FastifyInstance, analytics: Analytics, scope: Scope, format: Format): void {
  server.get<{ Params: Owner; Querystring: Static<typeof schemas.UsageQuery> }>(
    `${scope.path}/usage.${format}`,
    { schema: schemaOf(`Usage of ${scope.summary}`, scope.params, schemas.UsageQuery, schemas.UsageAnswer, format) },
    async ({ params, query }, reply) =>
      sendUsage(analytics, params, query, { metricName: query.metric_name }, format, reply),
  );
}

function responseCodeRoute(server: FastifyInstance, analytics: Analytics, scope: Scope, format: Format): void {
  const summary = `Answers of ${scope.summary} by response code`;
  server.get<{ Params: Owner; Querystring: Static<typeof schemas.ResponseCodeQuery> }>(
    `${scope.path}/usage_response_code.${format}`,
    { schema: schemaOf(summary, scope.params, schemas.ResponseCodeQuery, schemas.UsageAnswer, format) },
    async ({ params, query }, reply) =>
      sendUsage(analytics, params, query, { responseCode: query.response_code }, format, reply),
  );
}

function topRoute(server: FastifyInstance, analytics: Analytics, format: Format): void {
  server.get<{ Params: { service_id: string }; Querystring: Static<typeof schemas.TopQuery> }>(
    `/stats/services/:service_id/top_applications.${format}`,
    {
      schema: schemaOf(
        'Applications with the most usage',
        schemas.ServiceParams,
        schemas.TopQuery,
        schemas.TopAnswer,
        format,
      ),
    },
    async ({ params, query }, reply) => {
      const { metric_name: metricName, ...rest } = query;
      const result = await analytics.top({ service: params.service_id, metricName, ...rest });
      return format === 'csv' ? sendCsv(reply, topCsv(result)) : reply.send(topAnswer(result));
    },
  );
}

/** What can be asked about: for the dashboard and for people. */
function catalogRoutes(server: FastifyInstance, analytics: Analytics): void {
  const none = Type.Object({});
  server.get(
    '/stats/services.json',
    { schema: schemaOf('Services and their metrics', none, none, schemas.ServicesAnswer, 'json') },
    async () => ({ services: await analytics.services(MAX_LISTED) }),
  );
  server.get<{ Params: { service_id: string } }>(
    '/stats/services/:service_id/applications.json',
    {
      schema: schemaOf(
        'Applications that ever had usage',
        schemas.ServiceParams,
        none,
        schemas.ApplicationsAnswer,
        'json',
      ),
    },
    async ({ params }) => ({ applications: await analytics.applications(params.service_id, MAX_LISTED) }),
  );
}

async function sendUsage(
  analytics: Analytics,
  { service_id: service, app_id: application }: Owner,
  query: Range,
  what: UsageQuestion['what'],
  format: Format,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const result = await analytics.usage({
    ...query,
    service: service ?? (await analytics.serviceOf(application ?? '', query.service_id)),
    application: application ?? null,
    what,
    withChange: format === 'json' && query.skip_change !== 'true',
  });
  return format === 'csv' ? sendCsv(reply, usageCsv(result)) : reply.send(usageAnswer(result));
}

function sendCsv(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('text/csv; charset=utf-8').send(text);
}

function schemaOf(summary: string, params: TSchema, querystring: TSchema, answer: TSchema, format: Format) {
  const error = schemas.ErrorAnswer;
  return {
    tags: ['analytics'],
    summary: format === 'json' ? summary : `${summary}, as CSV`,
    security: [{ adminToken: [] }],
    params,
    querystring,
    response: { ...(format === 'json' ? { 200: answer } : {}), '4xx': error, '5xx': error },
  };
}
