import { join } from 'node:path';
import helmet from '@fastify/helmet';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { packageRoot } from '../../../shared/package-root.ts';

const ASSETS = join(packageRoot, 'backend', 'http', 'dashboard', 'assets');

/** `/`: a page that shows usage, top applications and health. It needs nothing from elsewhere, and asks the same API as everyone. */
export async function dashboardRoutes(server: FastifyInstance): Promise<void> {
  await server.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'none'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // What listens on plain HTTP must not tell browsers to insist on TLS.
    strictTransportSecurity: false,
  });
  await server.register(fastifyStatic, { root: ASSETS, prefix: '/dashboard/', index: false, cacheControl: false });
  server.get('/', { schema: { hide: true } }, (_request, reply) => reply.sendFile('index.html'));
}
