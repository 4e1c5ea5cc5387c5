import { fileSettingsProblems } from '../file-settings.ts';
import type { FileConfiguration } from '../schema.ts';
import { serviceProblems } from '../service-problems.ts';
import type { ServiceConfiguration } from '../service-schema.ts';
import { validateFile } from '../validate.ts';
import { objectOf, textOf } from './json.ts';
import { importPolicies } from './policies.ts';
import { Report } from './report.ts';
import type { ReportLine } from './report.ts';
import { importService } from './service.ts';
import type { ApicastService } from './source.ts';

export interface Imported {
  readonly configuration: FileConfiguration;
  readonly report: readonly ReportLine[];
  /** What keeps the configuration from being used as it is. */
  readonly problems: readonly string[];
}

/** Turns the services of a 3scale proxy configuration into a configuration of ours, and says what became of each part. */
export function importApicast(services: readonly ApicastService[]): Imported {
  const report = new Report();
  const taken = new Set<string>();
  const imported: ServiceConfiguration[] = [];
  let gateway: Partial<FileConfiguration> = importBackend(services, report);
  for (const source of services) {
    report.about(`service ${textOf(source.service['id']) ?? 'default'}`);
    const policies = importPolicies(source.proxy, report);
    gateway = { ...gateway, ...policies.gateway };
    const service = importService(source, policies.service, taken, report);
    if (service !== null) imported.push(service);
  }
  report.about('all');
  const configuration = { ...gateway, ...(imported.length === 0 ? {} : { services: imported }) };
  if (imported.length === 0) report.unsupported('no service is left');
  return { configuration, report: report.lines, problems: problemsOf(configuration) };
}

/** The one backend; services of several backends cannot be in one gateway. */
function importBackend(services: readonly ApicastService[], report: Report): Partial<FileConfiguration> {
  const backends = services.map(({ proxy }) => objectOf(proxy['backend']));
  const endpoints = [...new Set(backends.flatMap((backend) => textOf(backend['endpoint']) ?? []))];
  const [url] = endpoints;
  if (url === undefined) {
    report.unsupported('no backend.endpoint: set BACKEND_URL, or backend.url');
    return {};
  }
  if (endpoints.length > 1) report.unsupported(`several backends: ${endpoints.join(', ')}; the first is used for all`);
  if (backends.some((backend) => differs(textOf(backend['host']), url))) {
    report.unsupported('backend.host: the backend is sent the host of its URL');
  }
  return { backend: { url } };
}

function differs(host: string | null, url: string): boolean {
  return host !== null && URL.canParse(url) && new URL(url).host !== host && new URL(url).hostname !== host;
}

/** What keeps the result from being used, as `check` would say it. */
function problemsOf(configuration: FileConfiguration): readonly string[] {
  const validated = validateFile(configuration);
  const problems =
    'problems' in validated
      ? validated.problems
      : [...fileSettingsProblems(configuration), ...serviceProblems(configuration.services ?? [])];
  return problems.map(({ path, message }) => `${path.join('.')}: ${message}`);
}
