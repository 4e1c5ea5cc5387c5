import { ConfigurationError } from '../../shared/env.ts';
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

/** Parses and checks all that a file alone can be checked for. Throws a ConfigurationError, a problem a line: `file:line:col: ...`. */
export function parseConfigurationFile(text: string, fileName: string): ConfigurationFile {
  const document = new ConfigDocument(text, fileName);
  if (document.value === null || document.value === undefined)
    throw new ConfigurationError([`${fileName}:1:1: the file is empty`]);
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
