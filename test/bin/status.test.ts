import { expect, test } from 'vitest';
import { answer } from '../harness/behaviour.ts';
import { startNode } from '../harness/process.ts';
import { startUpstream } from '../harness/upstream.ts';

const METRICS = `# HELP tallygate_requests_total Requests.
# TYPE tallygate_requests_total counter
tallygate_requests_total{code="2xx"} 1200
tallygate_requests_total{code="4xx"} 34
tallygate_usage_pending 5
tallygate_usage_oldest_seconds 0.25
tallygate_usage_lost_total 0
tallygate_reporting_threads 2
tallygate_reporting_threads_busy 1
`;

async function part(status: number): Promise<string> {
  const upstream = await startUpstream();
  upstream.on('/health/ready', answer(status, JSON.stringify({ status: status === 200 ? 'ready' : 'unavailable' })));
  upstream.on('/metrics', answer(200, METRICS));
  return upstream.url;
}

test('shows what the gateway counts, and exits 0 when both are ready', async () => {
  const started = await startNode('bin/tallygate.js', [
    'status',
    '--gateway',
    await part(200),
    '--backend',
    await part(200),
  ]);
  expect((await started.exited).code).toBe(0);
  expect(started.output).toMatch(/requests +1,234 \(2xx 1,200, 4xx 34\)/);
  expect(started.output).toMatch(/usage not yet applied +5 \(the oldest for 0\.3 s\)/);
  expect(started.output).toMatch(/usage lost +0\n/);
  expect(started.output).toMatch(/reporting threads +2 \(1 busy\)/);
  expect(started.output).not.toContain('lease');
});

test('exits 1 when one is not ready, and says which', async () => {
  const started = await startNode('bin/tallygate.js', [
    'status',
    '--gateway',
    await part(200),
    '--backend',
    await part(503),
  ]);
  expect((await started.exited).code).toBe(1);
  expect(started.output).toMatch(/^backend .* unavailable$/m);
});

test('a script gets JSON', async () => {
  const url = await part(200);
  const started = await startNode('bin/tallygate.js', ['status', '--json', '--gateway', url, '--backend', url]);
  await started.exited;
  const parts = JSON.parse(started.stdout) as { readonly part: string; readonly ready: boolean }[];
  expect(parts.map(({ part: name, ready }) => [name, ready])).toEqual([
    ['gateway', true],
    ['backend', true],
  ]);
});
