import { expect, test } from 'vitest';
import { createUsageParts, stopUsageParts, type UsageParts } from '../../../gateway/authorization/usage-parts.ts';
import { systemClock } from '../../../shared/clock.ts';
import { createLogger } from '../../../shared/log.ts';
import { temporaryFolder } from '../../harness/folder.ts';
import { until } from '../../harness/latch.ts';
import { track } from '../../harness/resources.ts';
import { BatchBackend } from '../support/batch-backend.ts';
import { testService } from '../support/service.ts';

test('an answer that sets off a replay from within is itself not sent again at the same time', async () => {
  const backend = await BatchBackend.start();
  const heard: string[] = [];
  const parts: UsageParts = await createUsageParts(
    {
      backendUrl: backend.url,
      backendTimeoutMs: 5000,
      reportingThreads: 0,
      responseCodes: false,
      journal: { directory: await temporaryFolder(), maxBytes: 1 << 30, full: 'refuse', fsyncMs: 0, sealMs: 3_600_000 },
    },
    { clock: systemClock, log: createLogger('test', 'silent'), services: () => [testService()] },
    ({ store }) => {
      // As the lease client does: whoever hears of a new store has everything sent again at once.
      if (heard.length > 0 && heard[heard.length - 1] !== store) parts.reporting.replay();
      heard.push(store);
      return 'same';
    },
    null,
  );
  track({ stop: () => stopUsageParts(parts, 0).then(() => undefined), abandon: () => undefined });
  await parts.backendProtocol.ask();
  const { journal, reporting } = parts;
  const owner = journal.owner({ service: '42', kind: 'application', id: 'a' });
  for (let batch = 1; batch <= 4; batch++) {
    if (batch === 2) backend.failOver(1);
    journal.use(owner, journal.metric('hits'), systemClock.now(), 1, 0, 0);
    journal.commit();
    journal.sealNow();
    await until(() => reporting.backlog.undelivered === 0, 'it is delivered');
    expect(reporting.backlog.units).toBe(0);
    expect(reporting.backlog.kept).toBe(batch);
  }
  expect(backend.units).toBe(4);
  // Four batches, and the one before the failover once more.
  expect(backend.arrived.map(({ sequence }) => sequence).toSorted((a, b) => a - b)).toEqual([1, 1, 2, 3, 4]);
});
