import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  startAuthorization,
  type Authorization,
  type AuthorizationSettings,
} from '../../../gateway/authorization/authorization.ts';
import type { Call, Decision } from '../../../gateway/authorization/authorizer.ts';
import { systemClock } from '../../../shared/clock.ts';
import { createLogger } from '../../../shared/log.ts';
import { until } from '../../harness/latch.ts';
import { track } from '../../harness/resources.ts';
import { ContractBackend } from '../support/backend.ts';
import { callOf, testService, testUsage } from '../support/service.ts';

const hits = testUsage({ hits: 1 });

async function started(backend: ContractBackend, changes: Partial<AuthorizationSettings> = {}): Promise<Authorization> {
  const service = testService();
  const authorization = await startAuthorization(
    {
      mode: 'batched',
      backendUrl: backend.url,
      backendTimeoutMs: 300,
      authsTtlMs: 10_000,
      reportingThreads: 0,
      responseCodes: false,
      journal: {
        directory: mkdtempSync(join(tmpdir(), 'tg-')),
        maxBytes: 1 << 30,
        full: 'refuse',
        fsyncMs: 100,
        sealMs: 100,
      },
      ...changes,
    },
    { clock: systemClock, log: createLogger('test', 'silent'), services: () => [service] },
  );
  track({ stop: () => authorization.stop(0).then(() => undefined), abandon: () => undefined });
  return authorization;
}

/** Decides, and commits as the engine does at the end of a tick. */
async function decide({ authorizer }: Authorization, call: Call): Promise<Decision> {
  const decision = await new Promise<Decision>((resolve) => {
    const now = authorizer.authorize(call, resolve);
    if (now !== null) resolve(now);
  });
  if (decision.allowed && !authorizer.commit()) throw new Error('the journal could not be written');
  if (decision.allowed) authorizer.finished(call, 200, false);
  return decision;
}

test('a limit of 10 admits 10 calls with one question, and the usage is reported', async () => {
  const backend = await ContractBackend.start();
  backend.keys.set('limited', [{ metric: 'hits', period: 'day', max: 10 }]);
  const authorization = await started(backend);
  const service = testService();
  const decisions = [];
  for (let index = 0; index < 15; index++)
    decisions.push(await decide(authorization, callOf(service, 'limited', hits)));
  expect(decisions.map(({ allowed }) => allowed)).toEqual(decisions.map((_, index) => index < 10));
  expect(decisions[10]).toMatchObject({ reason: 'limits' });
  expect(decisions[3]?.headers).toContain('RateLimit: "hits";r=6;t=');
  expect(backend.calls('authorize')).toBe(1);
  await until(() => backend.units('limited', 'hits') === 10, 'the usage arrives');
  expect(await authorization.stop(1000)).toBe(true);
  expect(backend.units('limited', 'hits')).toBe(10);
});

test('forty concurrent cold requests make one question', async () => {
  const backend = await ContractBackend.start();
  backend.keys.set('busy', []);
  const authorization = await started(backend);
  const service = testService();
  const decisions = await Promise.all(
    Array.from({ length: 40 }, () => decide(authorization, callOf(service, 'busy', hits))),
  );
  expect(decisions.every(({ allowed }) => allowed)).toBe(true);
  expect(backend.calls('authorize')).toBe(1);
  await until(() => backend.units('busy', 'hits') === 40, 'the usage arrives');
});
