import { readFileSync } from 'node:fs';
import { ConfigurationError } from '../../shared/env.ts';
import type { EnvironmentMap } from '../../shared/env.ts';
import { NO_FILE, configFileOf, readEnvironment } from './environment.ts';
import { parseConfigurationFile } from './file.ts';
import type { ConfigurationFile } from './file.ts';
import { fileSettings } from './file-settings.ts';
import { environmentService, serviceSettings } from './service-settings.ts';
import type { ServiceSettings } from './service-settings.ts';
import type { GatewaySettings } from './settings.ts';

/** All that configures one gateway process. */
export interface Configuration {
  readonly settings: GatewaySettings;
  readonly services: readonly ServiceSettings[];
  /** Path of the configuration file; null: there is none. */
  readonly file: string | null;
  /** Worth a line in the log each: what has no effect, or is probably not meant. */
  readonly notices: readonly string[];
}

/** Reads the environment and the configuration file that it names. Throws a ConfigurationError with all problems of the file, or else of both. */
export function readConfiguration(env: EnvironmentMap): Configuration {
  return readSource(env).configuration;
}

/** The same, with the text of the file that was read; null: there is none. */
export function readSource(env: EnvironmentMap): {
  readonly configuration: Configuration;
  readonly text: string | null;
} {
  const path = configFileOf(env);
  const text = path === null ? null : readText(path);
  return { configuration: configurationOf(env, path, text), text };
}

/** What the environment and the text of the file at `path` say. Throws a ConfigurationError. */
export function configurationOf(env: EnvironmentMap, path: string | null, text: string | null): Configuration {
  return combine(env, path, path === null || text === null ? null : parseConfigurationFile(text, path));
}

/** The environment and a file that was parsed already. Throws a ConfigurationError. */
export function combine(env: EnvironmentMap, path: string | null, file: ConfigurationFile | null): Configuration {
  const { settings, service, notices } = readEnvironment(
    env,
    file === null ? NO_FILE : fileSettings(file.configuration),
  );
  const services =
    service === null
      ? (file?.configuration.services ?? []).map((configured) => serviceSettings(configured, settings.backend))
      : [environmentService(service, settings.backend)];
  return { settings, services, file: path, notices: [...notices, ...(file?.warnings ?? [])] };
}

/** Only the services: of a file, whatever the environment is, or (`path` null) of the environment. Throws a ConfigurationError. */
export function readServices(path: string | null, env: EnvironmentMap): readonly ServiceSettings[] {
  if (path === null) return readConfiguration(env).services;
  const { configuration } = parseConfigurationFile(readText(path), path);
  const down = configuration.backendDown ?? 'strict';
  const defaults = { url: '', timeoutMs: 0, down, staleSeconds: configuration.staleSeconds ?? 300 };
  return (configuration.services ?? []).map((service) => serviceSettings(service, defaults));
}

/** Throws a ConfigurationError when the file cannot be read. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new ConfigurationError([`${path}: the file cannot be read (${reason}); name one that can`]);
  }
}
