import type { EnvironmentMap } from '../../shared/env.ts';
import { compileRules } from '../rules/compile.ts';
import { parseConfigurationFile } from './file.ts';
import { readConfiguration, readText } from './read.ts';

export interface Checked {
  readonly name: string;
  readonly services: number;
  /** What is accepted but probably not meant. */
  readonly warnings: readonly string[];
}

/** Checks a file by itself, or (`file` null) the environment with the file that it names. Throws a ConfigurationError. */
export function checkConfiguration(file: string | null, env: EnvironmentMap): Checked {
  if (file === null) {
    const { services, notices, file: named } = readConfiguration(env);
    for (const { rules, mergeSlashes } of services) compileRules(rules, { mergeSlashes });
    return { name: named ?? 'environment', services: services.length, warnings: notices };
  }
  const { configuration, warnings } = parseConfigurationFile(readText(file), file);
  return { name: file, services: configuration.services?.length ?? 0, warnings };
}
