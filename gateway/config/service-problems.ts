import { parsePattern } from '../rules/compile.ts';
import { PatternError } from '../rules/pattern/syntax.ts';
import { problemAt } from './problem.ts';
import type { ConfigPath, Problem } from './problem.ts';
import type { RuleConfiguration, ServiceConfiguration } from './service-schema.ts';
import { targetProblem } from './target.ts';

/** Fields that frame or route a request, or that the engine writes itself: no service may set or remove them. */
const RESERVED = new Set(
  (
    'host content-length transfer-encoding connection keep-alive proxy-connection te trailer upgrade expect date ' +
    'x-real-ip x-forwarded-for x-forwarded-proto x-forwarded-host forwarded x-request-id via'
  ).split(' '),
);

export function isReservedField(name: string): boolean {
  return RESERVED.has(name.toLowerCase().replaceAll('_', '-'));
}

/** What the schema cannot say about services. */
export function serviceProblems(services: readonly ServiceConfiguration[]): readonly Problem[] {
  return [
    ...services.flatMap((service, index) => problemsOfOne(service, ['services', index])),
    ...duplicates(services),
  ];
}

/** What is accepted but probably not meant. */
export function serviceWarnings(services: readonly ServiceConfiguration[]): readonly Problem[] {
  return services.flatMap((service, index) =>
    (service.rules ?? []).flatMap((rule, number) => {
      const parsed = parsePattern(
        { pattern: rule.pattern, regex: rule.regex ?? false },
        { mergeSlashes: service.mergeSlashes ?? true },
      );
      return parsed.warnings.map((warning) => problemAt(['services', index, 'rules', number, 'pattern'], warning));
    }),
  );
}

function problemsOfOne(service: ServiceConfiguration, path: ConfigPath): readonly Problem[] {
  const problems: Problem[] = [];
  if (service.token === undefined && service.providerKey === undefined)
    problems.push(problemAt(path, '"token" is missing'));
  if (service.token !== undefined && service.providerKey !== undefined) {
    problems.push(problemAt([...path, 'providerKey'], 'there is a "token" as well; leave one of the two out', true));
  }
  const url = typeof service.upstream === 'string' ? service.upstream : service.upstream.url;
  const target = targetProblem(url, { unixSockets: true, path: false });
  const urlPath = typeof service.upstream === 'string' ? ['upstream'] : ['upstream', 'url'];
  if (target !== null) problems.push(problemAt([...path, ...urlPath], `${target.wrong}; ${target.remedy}`));
  for (const [index, protocol] of (service.upgrades ?? []).entries()) {
    if (/^(h2c|h2|http\/)/.test(protocol))
      problems.push(
        problemAt(
          [...path, 'upgrades', index],
          `"${protocol}" is another version of HTTP, which is not spoken; leave it out`,
        ),
      );
  }
  return [
    ...problems,
    ...headerProblems(service, path),
    ...ruleProblems(service, path),
    ...nameProblems(service, path),
  ];
}

function headerProblems(service: ServiceConfiguration, path: ConfigPath): readonly Problem[] {
  const { set = {}, remove = [] } = service.requestHeaders ?? {};
  const names = [
    ...Object.keys(set).map((name) => ({ name, at: [...path, 'requestHeaders', 'set', name] })),
    ...remove.map((name, index) => ({ name, at: [...path, 'requestHeaders', 'remove', index] })),
  ];
  return names
    .filter(({ name }) => isReservedField(name))
    .map(({ name, at }) => problemAt(at, `"${name}" is written by the gateway itself; leave it out`, true));
}

function ruleProblems(service: ServiceConfiguration, path: ConfigPath): readonly Problem[] {
  return (service.rules ?? []).flatMap((rule, index) => {
    const message = patternProblem(rule, service.mergeSlashes ?? true);
    return message === null ? [] : [problemAt([...path, 'rules', index, 'pattern'], message)];
  });
}

function patternProblem(rule: RuleConfiguration, mergeSlashes: boolean): string | null {
  try {
    parsePattern({ pattern: rule.pattern, regex: rule.regex ?? false }, { mergeSlashes });
    return null;
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
}

/** Two credentials of one name could not be told apart. */
function nameProblems(service: ServiceConfiguration, path: ConfigPath): readonly Problem[] {
  const { userKey = 'user_key', appId = 'app_id', appKey = 'app_key' } = service.credentials ?? {};
  const names = [userKey, appId, appKey].map((name) => name.toLowerCase().replaceAll('_', '-'));
  if (new Set(names).size === names.length) return [];
  return [problemAt([...path, 'credentials'], 'userKey, appId and appKey must have different names')];
}

function duplicates(services: readonly ServiceConfiguration[]): readonly Problem[] {
  const problems: Problem[] = [];
  const ids = new Set<string>();
  const owners = new Map<string, string>();
  let forAllHosts: string | null = null;
  for (const [index, service] of services.entries()) {
    const path = ['services', index];
    const id = String(service.id);
    if (ids.has(id)) problems.push(problemAt([...path, 'id'], `"${id}" is the id of another service as well`));
    ids.add(id);
    if (service.hosts === undefined) {
      if (forAllHosts !== null) {
        problems.push(problemAt(path, `"hosts" is missing: service "${forAllHosts}" is for every other host already`));
      }
      forAllHosts ??= id;
    }
    for (const [number, name] of (service.hosts ?? []).entries()) {
      const host = name.toLowerCase();
      const owner = owners.get(host);
      if (owner !== undefined) {
        problems.push(problemAt([...path, 'hosts', number], `"${name}" is a host of service "${owner}" already`));
      }
      owners.set(host, id);
    }
  }
  return problems;
}
