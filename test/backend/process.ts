import { expect } from 'vitest';
import { startNode } from '../harness/process.ts';
import type { TestProcess } from '../harness/process.ts';

export interface BackendProcess {
  readonly process: TestProcess;
  readonly port: number;
  readonly url: string;
}

/** Starts a backend in a process of its own, on a free port. */
export async function startBackend(env: Readonly<Record<string, string>>): Promise<BackendProcess> {
  const process = await startNode('dist/backend/main.js', [], { env: { PORT: '0', ...env } });
  const match = await process.line(/"port":(\d+).*is listening/);
  const port = Number(match[1]);
  return { process, port, url: `http://127.0.0.1:${port}` };
}

/** Service `s` with the metric `hits`, provider key `pk`, and an application `a` with user key `k`, through the internal API. */
export async function setUpService(url: string): Promise<void> {
  const send = async (method: string, path: string, body: object): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}/internal${path}`, { method, headers, body: JSON.stringify(body) });
    expect(answer.status).toBeLessThan(300);
  };
  await send('PUT', '/services/s', { service: { provider_key: 'pk', backend_version: '1' } });
  await send('POST', '/services/s/metrics/m', { metric: { name: 'hits' } });
  await send('POST', '/services/s/applications/a', { application: { state: 'active', plan_id: 'p', plan_name: 'p' } });
  await send('PUT', '/services/s/applications/a/key/k', {});
}

/** Hits of that service in the last 24 hours. */
export async function total(url: string): Promise<unknown> {
  const answer: unknown = await (await fetch(`${url}/stats/services/s/usage.json?metric_name=hits&period=day`)).json();
  return typeof answer === 'object' && answer !== null && 'total' in answer ? answer.total : answer;
}
