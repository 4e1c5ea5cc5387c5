import { gatewayErrors } from '../../../shared/errors.ts';
import type { ErrorEntry } from '../../../shared/errors.ts';
import type { ResponseConfiguration, ServiceConfiguration } from '../service-schema.ts';
import { numberOf, textOf } from './json.ts';
import type { JsonObject } from './json.ts';
import type { Report } from './report.ts';

type Responses = NonNullable<ServiceConfiguration['responses']>;

const ANSWERS: readonly (readonly [field: string, ours: keyof Responses, error: ErrorEntry])[] = [
  ['auth_missing', 'credentialsMissing', gatewayErrors.credentialsMissing],
  ['auth_failed', 'credentialsRefused', gatewayErrors.credentialsRefused],
  ['no_match', 'noMatch', gatewayErrors.noMappingRule],
  ['limits_exceeded', 'limitsExceeded', gatewayErrors.limitsExceeded],
];
const DEFAULT_TYPE = 'text/plain; charset=utf-8';

/** The `error_*` fields, as far as they differ from the defaults. */
export function importResponses(proxy: JsonObject, report: Report): Responses {
  let responses: Responses = {};
  for (const [field, ours, error] of ANSWERS) {
    const response = importResponse(proxy, field, error, report);
    if (Object.keys(response).length === 0) continue;
    responses = { ...responses, [ours]: response };
    report.converted(`error_${field}`);
  }
  return responses;
}

function importResponse(proxy: JsonObject, field: string, error: ErrorEntry, report: Report): ResponseConfiguration {
  const status = numberOf(proxy[`error_status_${field}`]);
  const body = textOf(proxy[`error_${field}`]);
  const contentType = textOf(proxy[`error_headers_${field}`]);
  const usable = status === null || (Number.isInteger(status) && status >= 400 && status <= 599);
  if (!usable) report.unsupported(`error_status_${field} ${status}: an error has a status from 400 to 599`);
  return {
    ...(usable && status !== null && status !== error.status ? { status } : {}),
    ...(body === null || body === error.publicMessage ? {} : { body }),
    ...(contentType === null || contentType === DEFAULT_TYPE ? {} : { contentType }),
  };
}
