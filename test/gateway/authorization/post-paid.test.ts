import { expect, test } from 'vitest';
import { until } from '../../harness/latch.ts';
import { admit, startedAuthorization } from '../support/authorization.ts';
import { ContractBackend } from '../support/backend.ts';
import { callOf, testService, testUsage } from '../support/service.ts';

const reservation = testUsage({ tokens: 100, hits: 1 });

test.each(['batched', 'per-request'] as const)('a post-paid call counts what it really used: %s', async (mode) => {
  const backend = await ContractBackend.start();
  backend.keys.set('k', [{ metric: 'tokens', period: 'day', max: 250 }]);
  const authorization = await startedAuthorization(backend, { mode });
  const { authorizer, journal, reporting } = authorization;
  const use = async (actual: number | null): Promise<boolean> => {
    const call = callOf(testService(), 'k', reservation);
    call.postPaid = true;
    const { allowed } = await admit(authorization, call);
    if (allowed && actual !== null) authorizer.settle(call, 'tokens', actual);
    authorizer.finished(call, 200, false);
    await until(() => mode === 'batched' || journal.heldUnits === 0, 'the backend is told');
    return allowed;
  };
  expect(await use(60)).toBe(true);
  expect(await use(40)).toBe(true);
  expect(await use(0)).toBe(true);
  // Without a settlement the reservation stands.
  expect(await use(null)).toBe(true);
  // 200 are used: another 100 do not fit.
  expect(await use(1)).toBe(false);
  await until(
    () => journal.openUnits + journal.heldUnits + reporting.backlog.units === 0 && backend.units('k', 'hits') === 4,
    'all of it is counted',
  );
  expect(backend.units('k', 'tokens')).toBe(200);
});
