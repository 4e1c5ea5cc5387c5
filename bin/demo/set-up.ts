import { EXAMPLE } from './example.ts';

/** Longest wait for one call of the backend, ms. */
const TIMEOUT = 5_000;

type Body = Readonly<Record<string, unknown>>;

/**
 * Makes the example service in a backend over its internal API. `backend` may hold the user and password of that API.
 * May be repeated: everything ends as it should be.
 */
export async function setUpExample(backend: URL): Promise<void> {
  const { service, token, metric, unlimited, limited } = EXAMPLE;
  const path = `services/${service}`;
  await send(backend, 'PUT', path, {
    service: { id: service, state: 'active', provider_key: token, backend_version: '1', default_service: true },
  });
  await send(backend, 'POST', 'service_tokens/', { service_tokens: { [token]: { service_id: service } } });
  await send(backend, 'PUT', `${path}/metrics/${metric.id}`, {
    metric: { service_id: service, id: metric.id, name: metric.name },
  });
  await send(backend, 'PUT', `${path}/plans/${limited.plan}/usagelimits/${metric.id}/minute`, {
    usagelimit: { minute: limited.hitsPerMinute },
  });
  for (const { application, plan, userKey } of [unlimited, limited]) {
    await send(backend, 'PUT', `${path}/applications/${application}`, {
      application: { service_id: service, id: application, state: 'active', plan_id: plan, plan_name: plan },
    });
    await send(backend, 'PUT', `${path}/applications/${application}/key/${userKey}`, {});
  }
}

async function send(backend: URL, method: string, path: string, body: Body): Promise<void> {
  const url = new URL(`/internal/${path}`, backend.origin);
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...authorization(backend) },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url.href} was answered ${response.status}: ${text}`);
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}
