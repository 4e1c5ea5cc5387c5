import { Ajv2020 } from 'ajv/dist/2020.js';
import type { FastifyInstance } from 'fastify';
import { applyChanges, planChanges } from '../../configuration/declarative/apply.ts';
import { exportDeclaration } from '../../configuration/declarative/export.ts';
import { declarationProblems } from '../../configuration/declarative/problems.ts';
import { declarationSchema } from '../../configuration/declarative/schema.ts';
import type { Declaration } from '../../configuration/declarative/schema.ts';
import { queryParameter } from './attributes.ts';
import { whoAsks } from './authentication.ts';
import type { InternalDeps } from './deps.ts';
import { InternalError } from './errors.ts';
import { JsonBody } from './json-body.ts';
import { toJson } from './json.ts';

/** Problems that are told at once. */
const MAX_PROBLEMS = 50;

/** Ours: services, plans and applications as one declaration (`tallygate apply` and `export`). */
export function declarationRoutes(server: FastifyInstance, deps: InternalDeps): void {
  const { configuration } = deps;
  const validate = new Ajv2020({ allErrors: true }).compile<Declaration>(declarationSchema);

  const read = (body: unknown): Declaration => {
    if (!validate(body)) {
      const errors = validate.errors ?? [];
      throw refused(errors.map(({ instancePath, message }) => `${instancePath}: ${message ?? 'cannot be used'}`));
    }
    const problems = declarationProblems(body);
    if (problems.length > 0) throw refused(problems.map(({ path, message }) => `/${path.join('/')}: ${message}`));
    return body;
  };

  server.get('/configuration', async (_request, reply) => {
    void reply.type('application/json');
    return JSON.stringify(await exportDeclaration(configuration));
  });

  server.put('/configuration', async (request) => {
    const declaration = read(request.body instanceof JsonBody ? request.body.value : null);
    const prune = queryParameter(request, 'prune') === 'true';
    const dryRun = queryParameter(request, 'dry_run') === 'true';
    const changes = await planChanges(declaration, { configuration, prune });
    if (!dryRun) await applyChanges(changes, whoAsks(request));
    const shown = changes.map(({ sign, text }) => ({ sign, text }));
    return toJson({ status: dryRun ? 'planned' : 'applied', changes: shown });
  });
}

function refused(problems: readonly string[]): InternalError {
  return new InternalError(400, {
    status: 'error',
    error: 'the declaration cannot be used',
    problems: problems.slice(0, MAX_PROBLEMS),
  });
}
