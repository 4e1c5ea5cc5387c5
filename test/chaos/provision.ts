import { call } from './admin.ts';

/** One caller of a round; its user key is its application's id. */
export interface Caller {
  readonly userKey: string;
  readonly weight: number;
  /** Hits a minute; null: no limit. */
  readonly limit: number | null;
}

async function must(method: string, url: string, body: unknown): Promise<void> {
  const { status, text } = await call(method, url, body);
  if (status < 200 || status > 299) throw new Error(`${method} ${url}: ${status} ${text}`);
}

/** The service of all rounds. */
export async function provisionService(port: number): Promise<void> {
  const base = `http://127.0.0.1:${port}/internal`;
  await must('POST', `${base}/services/`, {
    service: { id: 'chaos', provider_key: 'chaos-key', backend_version: '1', state: 'active' },
  });
  await must('POST', `${base}/service_tokens/`, { service_tokens: { 'chaos-token': { service_id: 'chaos' } } });
  await must('POST', `${base}/services/chaos/metrics/1`, { metric: { service_id: 'chaos', id: '1', name: 'hits' } });
}

/** A plan and an application for each caller of a round. */
export async function provisionCallers(port: number, callers: readonly Caller[]): Promise<void> {
  const base = `http://127.0.0.1:${port}/internal/services/chaos`;
  for (const { userKey, limit } of callers) {
    const plan = `plan-${userKey}`;
    if (limit !== null)
      await must('PUT', `${base}/plans/${plan}/usagelimits/1/minute`, { usagelimit: { minute: String(limit) } });
    const application = { service_id: 'chaos', id: userKey, state: 'active', plan_id: plan, plan_name: plan };
    await must('POST', `${base}/applications/${userKey}`, { application });
    await must('PUT', `${base}/applications/${userKey}/key/${userKey}`, {});
  }
}
