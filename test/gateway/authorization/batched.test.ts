import { expect, test } from 'vitest';
import { until } from '../../harness/latch.ts';
import { decide, startedAuthorization as started } from '../support/authorization.ts';
import { ContractBackend } from '../support/backend.ts';
import { callOf, testService, testUsage } from '../support/service.ts';

const hits = testUsage({ hits: 1 });

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
