import type { Declaration, DeclaredService } from './schema.ts';

/** Something in a declaration that its schema cannot tell. */
export interface DeclarationProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Names that come twice, and names of what is not declared. */
export function declarationProblems(declaration: Declaration): readonly DeclarationProblem[] {
  const problems = repeated(declaration.services, ['services'], ({ id }) => id);
  for (const [i, service] of declaration.services.entries())
    problems.push(...serviceProblems(service, ['services', i]));
  return problems;
}

function serviceProblems(service: DeclaredService, path: readonly (string | number)[]): DeclarationProblem[] {
  const metrics = service.metrics ?? [];
  const names = new Set(metrics.map(({ name }) => name));
  const problems = [
    ...repeated(metrics, [...path, 'metrics'], ({ name }) => name),
    ...repeated(service.plans ?? [], [...path, 'plans'], ({ id }) => id),
    ...repeated(service.applications ?? [], [...path, 'applications'], ({ id }) => id),
  ];
  for (const [i, { parent }] of metrics.entries()) {
    if (parent === undefined || names.has(parent)) continue;
    problems.push({
      path: [...path, 'metrics', i, 'parent'],
      message: `there is no metric "${parent}" in this service`,
    });
  }
  if (service.metrics !== undefined) problems.push(...limitProblems(service, names, path));
  if (service.plans !== undefined) problems.push(...planProblems(service, path));
  return problems;
}

function limitProblems(
  service: DeclaredService,
  names: ReadonlySet<string>,
  path: readonly (string | number)[],
): DeclarationProblem[] {
  return (service.plans ?? []).flatMap(({ limits }, i) =>
    limits.flatMap(({ metric }, j) => {
      if (names.has(metric)) return [];
      const message = `there is no metric "${metric}" in this service`;
      return [{ path: [...path, 'plans', i, 'limits', j, 'metric'], message }];
    }),
  );
}

function planProblems(service: DeclaredService, path: readonly (string | number)[]): DeclarationProblem[] {
  const plans = new Set(service.plans?.map(({ id }) => id));
  return (service.applications ?? []).flatMap(({ plan }, i) => {
    if (plan === undefined || plans.has(plan)) return [];
    return [{ path: [...path, 'applications', i, 'plan'], message: `there is no plan "${plan}" in this service` }];
  });
}

function repeated<T>(
  items: readonly T[],
  path: readonly (string | number)[],
  nameOf: (item: T) => string,
): DeclarationProblem[] {
  const seen = new Set<string>();
  return items.flatMap((item, i) => {
    const name = nameOf(item);
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [{ path: [...path, i], message: `"${name}" is declared twice` }];
  });
}
