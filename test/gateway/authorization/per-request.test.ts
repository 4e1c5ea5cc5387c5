import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Authorization } from '../../../gateway/authorization/authorization.ts';
import { until } from '../../harness/latch.ts';
import { temporaryFolder } from '../../harness/folder.ts';
import { admit, decide, startedAuthorization } from '../support/authorization.ts';
import { ContractBackend } from '../support/backend.ts';
import { callOf, testService, testUsage } from '../support/service.ts';

const hits = testUsage({ hits: 1 });
const MODE = { mode: 'per-request' } as const;

function asideFiles(directory: string): string[] {
  const aside = join(directory, 'aside');
  return existsSync(aside) ? readdirSync(aside) : [];
}

async function backendWith(key: string, max: number): Promise<ContractBackend> {
  const backend = await ContractBackend.start();
  backend.keys.set(key, [{ metric: 'hits', period: 'day', max }]);
  return backend;
}

function pending({ journal, reporting }: Authorization): number {
  return journal.openUnits + journal.heldUnits + reporting.backlog.units;
}

test('the first request is told of before it passes, the next ones after their responses, with their status', async () => {
  const backend = await backendWith('k', 1000);
  const authorization = await startedAuthorization(backend, MODE);
  const service = testService();
  expect(await decide(authorization, callOf(service, 'k', hits))).toMatchObject({ allowed: true });
  expect(backend.calls('authrep')).toBe(1);
  backend.fault = () => ({ kind: 'hang' });
  const call = callOf(service, 'k', hits);
  expect(authorization.authorizer.authorize(call, () => undefined)).toMatchObject({ allowed: true });
  authorization.authorizer.commit();
  backend.fault = () => null;
  authorization.authorizer.finished(call, 404, false);
  await until(() => backend.units('k', 'hits') === 2, 'the second one is told of');
  expect(backend.requests.map(({ url }) => url).filter((url) => url.includes('authrep'))).toEqual([
    '/transactions/authrep.xml?service_id=42&service_token=tok42&usage%5Bhits%5D=1&user_key=k',
    '/transactions/authrep.xml?service_id=42&service_token=tok42&usage%5Bhits%5D=1&user_key=k&log%5Bcode%5D=404',
  ]);
  expect(backend.requests[1]?.headers['3scale-options']).toBe('rejection_reason_header=1&limit_headers=1');
  await until(() => pending(authorization) === 0, 'nothing is pending');
  expect(backend.calls('report')).toBe(0);
});

test('a limit admits as many as it has, also when the backend is slow and many come at once', async () => {
  const backend = await backendWith('k', 100);
  backend.delay = 30;
  const authorization = await startedAuthorization(backend, { ...MODE, backendTimeoutMs: 5000 });
  const service = testService();
  let admitted = 0;
  for (let round = 0; round < 8; round++) {
    const decisions = await Promise.all(
      Array.from({ length: 40 }, () => decide(authorization, callOf(service, 'k', hits))),
    );
    admitted += decisions.filter(({ allowed }) => allowed).length;
  }
  expect(admitted).toBe(100);
  await until(() => backend.units('k', 'hits') === 100 && pending(authorization) === 0, 'all are told of');
});

test('forty unknown callers with one key are refused by one call', async () => {
  const backend = await backendWith('k', 100);
  const authorization = await startedAuthorization(backend, MODE);
  const decisions = await Promise.all(
    Array.from({ length: 40 }, () => decide(authorization, callOf(testService(), 'nobody', hits))),
  );
  expect(decisions.every((decision) => !decision.allowed && decision.reason === 'credentials')).toBe(true);
  expect(backend.calls('authrep')).toBe(1);
});

test('AUTHS_TTL=0 makes every call before its request', async () => {
  const backend = await backendWith('k', 3);
  const authorization = await startedAuthorization(backend, { ...MODE, authsTtlMs: 0 });
  const decisions = await Promise.all(
    Array.from({ length: 5 }, () => decide(authorization, callOf(testService(), 'k', hits))),
  );
  expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(3);
  expect(backend.calls('authrep')).toBe(5);
  expect(backend.units('k', 'hits')).toBe(3);
});

test('what could not be told because the backend was away is reported in a batch when it returns, once', async () => {
  const backend = await backendWith('k', 1000);
  const authorization = await startedAuthorization(backend, MODE);
  const service = testService({ backendDown: 'resilient' });
  await decide(authorization, callOf(service, 'k', hits));
  await backend.stop();
  for (let index = 0; index < 20; index++) {
    expect(await decide(authorization, callOf(service, 'k', hits))).toMatchObject({ allowed: true });
  }
  await backend.restart();
  await until(() => backend.units('k', 'hits') === 21, 'the usage arrives');
  await until(() => pending(authorization) === 0, 'nothing is pending');
  expect(backend.units('k', 'hits')).toBe(21);
});

test('a call whose answer is lost is set aside, not repeated', async () => {
  const backend = await backendWith('k', 1000);
  const directory = await temporaryFolder();
  const journal = { directory, maxBytes: 1 << 30, full: 'refuse', fsyncMs: 0, sealMs: 50 } as const;
  const authorization = await startedAuthorization(backend, { ...MODE, journal });
  const service = testService();
  await decide(authorization, callOf(service, 'k', hits));
  backend.fault = (call) => (call === 'authrep' ? { kind: 'reset' } : null);
  await decide(authorization, callOf(service, 'k', hits));
  await until(() => asideFiles(directory).length === 1, 'it is set aside');
  backend.fault = () => null;
  await decide(authorization, callOf(service, 'k', hits));
  await until(() => pending(authorization) === 0, 'nothing is pending');
  await until(() => authorization.reporting.uncertainUnits === 1, 'it is shown');
  expect(backend.units('k', 'hits')).toBe(3);
});

test('reporting threads make the calls while one is free', async () => {
  const backend = await backendWith('k', 1000);
  const authorization = await startedAuthorization(backend, { ...MODE, reportingThreads: 2, backendTimeoutMs: 5000 });
  const service = testService();
  await decide(authorization, callOf(service, 'k', hits));
  for (let index = 0; index < 50; index++) await decide(authorization, callOf(service, 'k', hits));
  await until(() => pending(authorization) === 0, 'all are told of');
  expect(backend.units('k', 'hits')).toBe(51);
  const deliveries = new Map(authorization.metrics.reportingDeliveries());
  expect(deliveries.get('thread')).toBeGreaterThan(0);
  expect((deliveries.get('thread') ?? 0) + (deliveries.get('loop') ?? 0)).toBe(50);
});

test('usage that counts only on success is told of when the answer was one', async () => {
  const backend = await backendWith('k', 1000);
  const authorization = await startedAuthorization(backend, MODE);
  const success = {
    ...testUsage({ hits: 1 }),
    entries: [{ metric: 'hits', amount: 1, onSuccess: true }],
    onSuccess: true,
  };
  const service = testService();
  await decide(authorization, callOf(service, 'k', success), 500);
  await decide(authorization, callOf(service, 'k', success), 200);
  await decide(authorization, callOf(service, 'k', success), 404);
  await until(() => pending(authorization) === 0, 'nothing is pending');
  expect(backend.units('k', 'hits')).toBe(1);
});

test('a request that is taken back is never told of', async () => {
  const backend = await backendWith('k', 1000);
  const authorization = await startedAuthorization(backend, MODE);
  const service = testService();
  await decide(authorization, callOf(service, 'k', hits));
  const call = callOf(service, 'k', hits);
  await admit(authorization, call);
  authorization.authorizer.takeBack(call);
  authorization.authorizer.finished(call, 503, false);
  await decide(authorization, callOf(service, 'k', hits));
  await until(() => backend.calls('authrep') === 2, 'the next one is told of');
  expect(backend.units('k', 'hits')).toBe(2);
});
