import { redactUrl } from '../../shared/redact.ts';
import type { Configuration } from './read.ts';
import type { ServiceSettings } from './service-settings.ts';

const CENSOR = '[redacted]';

/** The configuration as it may be shown: no token, and of fields that are set upstream only the names. */
export function redactedConfiguration({ settings, services, file }: Configuration): unknown {
  return {
    file,
    settings: { ...settings, backend: { ...settings.backend, url: redactUrl(settings.backend.url) } },
    services: services.map(redactedService),
  };
}

function redactedService({ token: _token, setHeaders, upstream, ...rest }: ServiceSettings): unknown {
  return {
    ...rest,
    token: CENSOR,
    upstream: { ...upstream, url: redactUrl(upstream.url) },
    setHeaders: Object.fromEntries(setHeaders.map(([name]) => [name, CENSOR])),
  };
}
