import { LIMIT, userKeys } from './setup.ts';
import type { Setup } from './setup.ts';

/** Applications in one request. */
const BATCH = 500;

/** Sets up the services `load-0`, `load-1`, … through the internal API of a fresh backend. */
export async function provision(port: number, { services, applications, limit }: Setup): Promise<void> {
  const call = async (method: string, path: string, body: unknown): Promise<void> => {
    const response = await fetch(`http://127.0.0.1:${port}/internal${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} /internal${path}: ${response.status} ${await response.text()}`);
  };
  const keys = userKeys(applications);
  for (let service = 0; service < services; service++) {
    const id = serviceId(service);
    await call('POST', '/services/', {
      service: { id, provider_key: tokenOf(id), backend_version: '1', state: 'active' },
    });
    await call('POST', '/service_tokens/', { service_tokens: { [tokenOf(id)]: { service_id: id } } });
    await call('POST', `/services/${id}/metrics/1`, { metric: { service_id: id, id: '1', name: 'hits' } });
    if (limit) {
      await call('PUT', `/services/${id}/plans/plan/usagelimits/1/minute`, { usagelimit: { minute: LIMIT } });
    }
    for (let from = 0; from < keys.length; from += BATCH) {
      const batch = keys.slice(from, from + BATCH).map((key, index) => ({
        id: `app-${from + index}`,
        state: 'active',
        plan_id: 'plan',
        plan_name: 'load',
        user_key: key,
      }));
      await call('PUT', `/services/${id}/applications/batch`, { applications: batch });
    }
  }
}

export function serviceId(service: number): string {
  return `load-${service}`;
}

export function tokenOf(id: string): string {
  return `${id}-token`;
}
