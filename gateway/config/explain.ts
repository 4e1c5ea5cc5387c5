import { findCredentials } from '../credentials.ts';
import type { CredentialFault, FoundCredentials } from '../credentials/found.ts';
import { hostOf } from '../http1/authority.ts';
import { normalisePath } from '../http1/path.ts';
import { compileRules } from '../rules/compile.ts';
import type { MappingRule } from '../rules/rule.ts';
import type { UsageEntry } from '../rules/usage.ts';
import type { ServiceSettings } from './service-settings.ts';

export interface ExplainedRequest {
  readonly method: string;
  /** `http://HOST[:PORT]/PATH?QUERY`, or `/PATH?QUERY`. */
  readonly url: string;
  /** Header fields, names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Body of a form request, or null. */
  readonly form: string | null;
}

export type Explanation =
  | { readonly outcome: 'bad-request'; readonly reason: string }
  | { readonly outcome: 'unknown-host'; readonly host: string; readonly hosts: readonly string[] }
  | RoutedExplanation;

/** What the gateway would make of a request up to the point where the backend's decision is needed. */
export interface RoutedExplanation {
  readonly outcome: 'routed';
  readonly host: string;
  readonly service: ServiceSettings;
  /** As it is matched and sent upstream. */
  readonly path: string;
  readonly query: string;
  readonly credentials: FoundCredentials | CredentialFault;
  readonly rules: readonly ExplainedRule[];
  /** Null: no rule matches, the answer is 404. */
  readonly usage: readonly UsageEntry[] | null;
}

export interface ExplainedRule {
  readonly rule: MappingRule;
  /** `after-last`: it would match, but a rule before it is `last`. */
  readonly state: 'matches' | 'misses' | 'after-last';
}

export function explainRequest(services: readonly ServiceSettings[], request: ExplainedRequest): Explanation {
  const target = splitTarget(request);
  if (target === null) return { outcome: 'bad-request', reason: 'the URL is not http://HOST/PATH or /PATH' };
  const { host, rawPath, query } = target;
  const service =
    services.find(({ hosts }) => hosts?.includes(host)) ?? services.find(({ hosts }) => hosts === null) ?? null;
  if (service === null) return { outcome: 'unknown-host', host, hosts: services.flatMap(({ hosts }) => hosts ?? []) };
  const path = normalisePath(rawPath, { ...service, upgrades: new Set(), edits: { drop: new Set() } });
  if (path === null) return { outcome: 'bad-request', reason: `the path ${rawPath} could be read in two ways` };
  const { mergeSlashes, rules } = service;
  const usage = compileRules(rules, { mergeSlashes }).match(request.method, path, query, request.form);
  return {
    outcome: 'routed',
    host,
    service,
    path,
    query,
    credentials: credentialsOf(request, query, service),
    rules: explainRules(service, request, path, query),
    usage: usage?.entries ?? null,
  };
}

function splitTarget({ url, headers }: ExplainedRequest): { host: string; rawPath: string; query: string } | null {
  const [, authority, target = ''] = /^(?:https?:\/\/([^/?#]*))?([^#]*)$/.exec(url) ?? [];
  const given = authority ?? headers.find(([name]) => name === 'host')?.[1];
  const host = given === undefined ? '' : hostOf(given);
  if (host === null || !/^(\/|\?|$)/.test(target) || (authority === undefined && target === '')) return null;
  const mark = target.indexOf('?');
  const rawPath = mark === -1 ? target : target.slice(0, mark);
  return { host, rawPath: rawPath === '' ? '/' : rawPath, query: mark === -1 ? '' : target.slice(mark + 1) };
}

function credentialsOf({ headers, form }: ExplainedRequest, query: string, service: ServiceSettings) {
  const values = (name: string) => headers.filter(([field]) => field === name).map(([, value]) => value);
  const source = {
    query,
    header: (name: string) => values(name)[0] ?? null,
    headerCount: (name: string) => values(name).length,
  };
  return findCredentials(source, service.credentials, form);
}

/** Each rule by itself, and then in its place among the others. */
function explainRules(
  { rules, mergeSlashes }: ServiceSettings,
  { method, form }: ExplainedRequest,
  path: string,
  query: string,
): readonly ExplainedRule[] {
  let ended = false;
  return rules.map((rule) => {
    const matches = compileRules([rule], { mergeSlashes }).match(method, path, query, form) !== null;
    if (!matches) return { rule, state: 'misses' };
    if (ended) return { rule, state: 'after-last' };
    ended = rule.last;
    return { rule, state: 'matches' };
  });
}
