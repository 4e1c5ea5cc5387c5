import { USER_KEY, otherKeys } from './candidate.ts';

export interface Provision {
  readonly applications: number;
  /** Hits a minute that each application may make; null: no limit. */
  readonly limit: number | null;
}

/** Sets up the service `load` through the internal API of a fresh backend. */
export async function provision(port: number, { applications, limit }: Provision): Promise<void> {
  const call = async (method: string, path: string, body: unknown): Promise<void> => {
    const response = await fetch(`http://127.0.0.1:${port}/internal${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} /internal${path}: ${response.status} ${await response.text()}`);
  };
  await call('POST', '/services/', {
    service: { id: 'load', provider_key: 'load-token', backend_version: '1', state: 'active' },
  });
  await call('POST', '/service_tokens/', { service_tokens: { 'load-token': { service_id: 'load' } } });
  await call('POST', '/services/load/metrics/1', { metric: { service_id: 'load', id: '1', name: 'hits' } });
  if (limit !== null)
    await call('PUT', '/services/load/plans/plan/usagelimits/1/minute', { usagelimit: { minute: limit } });
  const keys = [USER_KEY, ...otherKeys(applications - 1)];
  for (let from = 0; from < keys.length; from += 500) {
    const batch = keys.slice(from, from + 500).map((key, index) => ({
      id: `app-${from + index}`,
      state: 'active',
      plan_id: 'plan',
      plan_name: 'load',
      user_key: key,
    }));
    await call('PUT', '/services/load/applications/batch', { applications: batch });
  }
}
