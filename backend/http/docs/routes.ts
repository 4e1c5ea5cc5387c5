import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { packageRoot } from '../../../shared/package-root.ts';

/** Nothing of the page comes from elsewhere, and it may be served over plain HTTP. The viewer sets styles in place. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/** Tags of the API description, in the order in which they are shown. */
const TAGS = [
  { name: 'analytics', description: 'Usage of services and applications over time.' },
  { name: 'gateway', description: 'The protocol between gateway and backend.' },
  { name: 'threescale', description: "3scale's Service Management API." },
  { name: 'internal', description: "3scale's internal API: services, applications, plans, limits." },
  { name: 'operations', description: 'Health and metrics.' },
];

/** Collects the description of every route that is registered after it. */
export async function describeRoutes(server: FastifyInstance): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tallygate backend',
        description: 'Authorization, usage reports and usage analytics.',
        version: packageVersion(),
      },
      tags: TAGS,
      components: {
        securitySchemes: {
          adminToken: {
            type: 'http',
            scheme: 'bearer',
            description: 'ADMIN_TOKEN; also as access_token= in the query.',
          },
          internalApi: { type: 'http', scheme: 'basic', description: 'INTERNAL_API_USER and INTERNAL_API_PASSWORD.' },
        },
      },
    },
  });
}

/** `/openapi.json`, and `/docs` to browse it. */
export async function docsRoutes(server: FastifyInstance): Promise<void> {
  await server.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: PAGE_POLICY,
    uiConfig: { docExpansion: 'list', deepLinking: false },
  });
  server.get('/openapi.json', { schema: { hide: true } }, () => server.swagger());
}

function packageVersion(): string {
  const description: unknown = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  const known = typeof description === 'object' && description !== null && 'version' in description;
  return known && typeof description.version === 'string' ? description.version : '0.0.0';
}
