/**
 * The import rules (CONTRIBUTING.md). Paths are from the root of the package. Cycles are found by the linter, which
 * tells imports of types, that may go both ways, from others.
 *
 * @type {import('dependency-cruiser').IConfiguration}
 */
module.exports = {
  forbidden: [
    rule('resolvable', 'An import must lead somewhere.', {}, { couldNotResolve: true }),
    rule(
      'declared',
      'What the built product needs is in dependencies, not in devDependencies.',
      { path: '^(gateway|backend|shared|bin)/' },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    ),
    rule(
      'shared-is-a-leaf',
      'shared/ imports nothing else of ours.',
      { path: '^shared/' },
      { path: '^(gateway|backend|bin|test|load)/' },
    ),
    rule(
      'gateway-without-backend',
      'The gateway runs without our backend; what both need is in shared/.',
      { path: '^gateway/' },
      { path: '^backend/' },
    ),
    rule(
      'backend-without-gateway',
      'The backend runs without our gateway; what both need is in shared/.',
      { path: '^backend/' },
      { path: '^gateway/' },
    ),
    rule(
      'nothing-imports-the-edge',
      'bin/, test/ and load/ use the product, never the other way round.',
      { path: '^(gateway|backend|shared)/' },
      { path: '^(bin|test|load)/' },
    ),
    rule(
      'bin-without-tests',
      'The product is shipped without test/ and load/.',
      { path: '^bin/' },
      { path: '^(test|load)/' },
    ),
    rule(
      'engine-knows-http-only',
      'The engine knows nothing of applications, metrics or configuration.',
      { path: '^gateway/http1/' },
      { path: '^gateway/', pathNot: '^gateway/http1/' },
    ),
    rule(
      'domain-is-pure',
      'Decisions are made without sockets, files or a server.',
      { path: '^backend/(domain|checks)/' },
      {
        path: '^(backend/(routes|http|store/(redis|embedded)|jobs)|fastify|ioredis|bullmq|undici|lmdb|piscina)|^(node:)?(net|http|https|fs|child_process|worker_threads)',
      },
    ),
    rule(
      'store-behind-its-interface',
      'Only the composition root chooses a store.',
      { path: '^backend/', pathNot: '^backend/(store/|jobs/|main\\.ts|backend\\.ts|worker\\.ts|start/)' },
      { path: '^backend/store/(redis|embedded)/' },
    ),
    rule(
      'cluster-for-workers-only',
      'A gateway of one process loads nothing of what several need.',
      { path: '^(gateway|backend|shared|bin)/', pathNot: '^gateway/workers/' },
      { path: '^(node:)?cluster$' },
    ),
    rule(
      'workers-on-demand',
      'gateway/workers/ is loaded by main.ts when WORKERS asks for it.',
      { path: '^(gateway|backend|shared|bin)/', pathNot: '^gateway/(workers/|main\\.ts)' },
      { path: '^gateway/workers/' },
    ),
    only('ioredis', '^backend/(store/redis|jobs)/'),
    only('bullmq', '^backend/jobs/'),
    only('lmdb', '^backend/store/embedded/'),
    only('undici', '^(gateway/backend-client|backend/(jobs|webhooks|alerts)|bin)/'),
    only('piscina', '^gateway/reporting/'),
    only('commander', '^bin/'),
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage|data)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['node', 'import', 'default', 'types'] },
  },
};

function rule(name, comment, from, to) {
  return { name, comment, severity: 'error', from, to };
}

/** A package that one part wraps; the others use that part. Tests and load generators may use it directly. */
function only(dependency, where) {
  return rule(
    `only-importer-of-${dependency}`,
    `${dependency} is used only in ${where}`,
    { path: '^(gateway|backend|shared|bin)/', pathNot: where },
    { path: `node_modules/${dependency}/` },
  );
}
