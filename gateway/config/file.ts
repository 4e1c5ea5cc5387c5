import { ConfigurationError } from '../../shared/env.ts';
import { importApicast } from './apicast/import.ts';
import { apicastServices } from './apicast/source.ts';
import type { ApicastService } from './apicast/source.ts';
import { ConfigDocument } from './document.ts';
import { fileSettingsProblems } from './file-settings.ts';
import type { FileConfiguration } from './schema.ts';
import { serviceProblems, serviceWarnings } from './service-problems.ts';
import { validateFile } from './validate.ts';

/** A configuration file that can be used. */
export interface ConfigurationFile {
  readonly configuration: FileConfiguration;
  /** `file:line:col: ...`: what is accepted but probably not meant. */
  readonly warnings: readonly string[];
}

/** A configuration of the 3scale gateway, converted as it is read. It is refused when something of it would be left out: a person should decide on that. */
function importedFile(services: readonly ApicastService[], fileName: string): ConfigurationFile {
  const { configuration, report, problems } = importApicast(services);
  const leftOut = report.filter(({ fate }) => fate === 'unsupported').map(({ where, text }) => `${where}: ${text}`);
  const faults = [...leftOut, ...problems];
  if (faults.length > 0) {
    const remedy = 'convert it with "tallygate import apicast" and edit the result';
    throw new ConfigurationError(faults.map((fault) => `${fileName}: ${fault}; ${remedy}`));
  }
  const changes = report.filter(({ fate }) => fate === 'changed');
  return { configuration, warnings: changes.map(({ where, text }) => `${fileName}: ${where}: ${text}`) };
}

/** Parses and checks all that a file alone can be checked for. Throws a ConfigurationError, a problem a line: `file:line:col: ...`. */
export function parseConfigurationFile(text: string, fileName: string): ConfigurationFile {
  const document = new ConfigDocument(text, fileName);
  if (document.value === null || document.value === undefined)
    throw new ConfigurationError([`${fileName}:1:1: the file is empty`]);
  const foreign = apicastServices(document.value);
  if (foreign !== null) return importedFile(foreign, fileName);
  const validated = validateFile(document.value);
  if ('problems' in validated) {
    document.refuse(validated.problems);
    throw new ConfigurationError([`${fileName}: the file is not valid`]);
  }
  const { configuration } = validated;
  const services = configuration.services ?? [];
  document.refuse([...fileSettingsProblems(configuration), ...serviceProblems(services)]);
  return { configuration, warnings: serviceWarnings(services).map((warning) => document.describe(warning)) };
}
