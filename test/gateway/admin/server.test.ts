import { afterEach, describe, expect, it } from 'vitest';
import { AdminServer } from '../../../gateway/admin/server.ts';
import { readiness } from '../../../gateway/admin/health.ts';
import type { Check } from '../../../gateway/admin/health.ts';
import { createLogger } from '../../../shared/log.ts';

let server: AdminServer | null = null;

afterEach(async () => {
  await server?.close();
  server = null;
});

async function start(checks: readonly Check[] = []): Promise<string> {
  server = new AdminServer({
    log: createLogger('test', 'silent'),
    readiness: () => readiness(checks),
    scrape: () => Promise.resolve({ contentType: 'text/plain', body: 'a_metric 1\n' }),
    configuration: () => ({ services: [] }),
  });
  return `http://127.0.0.1:${await server.listen('127.0.0.1', 0)}`;
}

function check(name: string, required: boolean, ok: boolean): Check {
  return { name, required, read: () => ({ ok, detail: ok ? 'fine' : 'broken' }) };
}

describe('the admin port', () => {
  it('says that the process lives, under both names', async () => {
    const base = await start([check('journal', true, false)]);
    for (const path of ['/health/live', '/status/live']) {
      const response = await fetch(base + path);
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ status: 'live', checks: {} });
    }
  });

  it('is ready when all that is required is ok, whatever else is shown', async () => {
    const base = await start([check('listening', true, true), check('backend', false, false)]);
    const response = await fetch(`${base}/health/ready`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      status: 'ready',
      checks: { listening: { status: 'ok', detail: 'fine' }, backend: { status: 'failing', detail: 'broken' } },
    });
  });

  it('is not ready when something required fails', async () => {
    const response = await fetch(`${await start([check('journal', true, false)])}/status/ready`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ status: 'not ready', checks: { journal: { status: 'failing' } } });
  });

  it('a check that throws fails', async () => {
    const throwing: Check = {
      name: 'journal',
      required: true,
      read: () => {
        throw new Error('no disk');
      },
    };
    const response = await fetch(`${await start([throwing])}/health/ready`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ checks: { journal: { status: 'failing', detail: 'no disk' } } });
  });

  it('shows metrics and configuration', async () => {
    const base = await start();
    expect(await (await fetch(`${base}/metrics`)).text()).toBe('a_metric 1\n');
    expect(await (await fetch(`${base}/config?pretty`)).json()).toEqual({ services: [] });
  });

  it('answers HEAD without a body, nothing else than reads, and no other path', async () => {
    const base = await start();
    const head = await fetch(`${base}/metrics`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const post = await fetch(`${base}/config`, { method: 'POST', body: '{}' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await fetch(`${base}/policies`)).status).toBe(404);
  });
});
