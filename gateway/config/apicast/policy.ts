import type { FileConfiguration } from '../schema.ts';
import type { ServiceConfiguration } from '../service-schema.ts';
import type { JsonObject } from './json.ts';
import type { Report } from './report.ts';

/** What policies add to a service, and to the whole gateway. */
export interface FromPolicies {
  readonly service: Partial<ServiceConfiguration>;
  readonly gateway: Partial<FileConfiguration>;
}

/** Converts one policy's configuration. */
export type Importer = (configuration: JsonObject, report: Report) => Partial<FromPolicies>;
