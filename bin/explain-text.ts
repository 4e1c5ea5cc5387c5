import type { Explanation, ExplainedRule, RoutedExplanation } from '../gateway/config/explain.ts';
import type { CredentialFault, FoundCredentials } from '../gateway/credentials/found.ts';

/** Rules shown of those that do not match. */
const MAX_MISSES = 20;

/** An explanation as lines of text. Of keys only the place is shown. */
export function explanationText(explanation: Explanation): string {
  switch (explanation.outcome) {
    case 'bad-request':
      return `refused  400, ${explanation.reason}`;
    case 'unknown-host':
      return `refused  404, no service has the host "${explanation.host}"; known are ${explanation.hosts.join(', ')}`;
    case 'routed':
      return routedText(explanation);
  }
}

/** The same for scripts. */
export function explanationData(explanation: Explanation): unknown {
  if (explanation.outcome !== 'routed') return explanation;
  const { outcome, service, host, path, credentials, rules, usage } = explanation;
  const found = typeof credentials === 'string' ? credentials : { kind: credentials.kind, place: credentials.place };
  return { outcome, service: service.id, host, path, credentials: found, rules, usage, upstream: service.upstream };
}

function routedText(routed: RoutedExplanation): string {
  const { service, host, path, query, credentials, rules, usage } = routed;
  const upstream = service.upstream.url + (service.upstream.host === null ? '' : ` (Host: ${service.upstream.host})`);
  return [
    `service      ${service.id} (${service.hosts === null ? 'every other host' : `host ${host}`})`,
    `path         ${path}${query === '' ? '' : ' and a query'}`,
    `credentials  ${credentialsText(credentials, service.credentials.places)}`,
    'rules',
    ...rulesText(rules),
    `usage        ${usageText(usage)}`,
    `upstream     ${upstream}`,
    `backend down ${service.backendDown}`,
  ].join('\n');
}

function credentialsText(found: FoundCredentials | CredentialFault, places: readonly string[]): string {
  if (found === 'missing') return `none in ${places.join(', ')}: 401`;
  if (found === 'invalid') return 'twice, both ways at once, or badly written: 403';
  return `${found.kind === 'app_id' ? 'app_id and app_key' : found.kind} in ${found.place}`;
}

function rulesText(rules: readonly ExplainedRule[]): readonly string[] {
  const misses = rules.filter(({ state }) => state === 'misses');
  const hidden = new Set(misses.slice(MAX_MISSES));
  const lines = rules.flatMap((explained, index) => (hidden.has(explained) ? [] : [ruleText(explained, index + 1)]));
  return hidden.size === 0 ? lines : [...lines, `  and ${hidden.size} more that do not match`];
}

function ruleText({ rule, state }: ExplainedRule, number: number): string {
  const mark = { matches: '+', misses: ' ', 'after-last': '.' }[state];
  const parameters = Object.entries(rule.query).map(([name, value]) => `${name}=${value}`);
  const query = parameters.length === 0 ? '' : `?${parameters.join('&')}`;
  const notes = [rule.regex ? 'regex' : '', rule.last ? 'last' : '', rule.count === 'success' ? 'on success' : ''];
  const note = notes.filter((each) => each !== '').join(', ');
  const tail = state === 'after-last' ? '(not looked at: a rule before it is last)' : note === '' ? '' : `(${note})`;
  return `  ${mark} ${number}  ${rule.method} ${rule.pattern}${query} → ${rule.metric} ${rule.delta} ${tail}`.trimEnd();
}

function usageText(usage: RoutedExplanation['usage']): string {
  if (usage === null) return 'no rule matches: 404';
  if (usage.length === 0) return 'nothing to count';
  return usage
    .map(({ metric, amount, onSuccess }) => `${metric} ${amount}${onSuccess === true ? ' on success' : ''}`)
    .join(', ');
}
