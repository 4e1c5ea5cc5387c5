import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Authorization, AuthorizationSettings } from '../../../gateway/authorization/authorization.ts';
import { foldSegment } from '../../../gateway/journal/fold.ts';
import { systemClock } from '../../../shared/clock.ts';
import { temporaryFolder } from '../../harness/folder.ts';
import { until } from '../../harness/latch.ts';
import { startedAuthorization } from '../support/authorization.ts';
import { ContractBackend } from '../support/backend.ts';

interface Stage {
  readonly backend: ContractBackend;
  readonly authorization: Authorization;
  readonly directory: string;
  readonly use: (amount: number, service?: string) => void;
}

async function stage(changes: Partial<AuthorizationSettings> = {}): Promise<Stage> {
  const backend = await ContractBackend.start();
  const directory = await temporaryFolder();
  const journal = { directory, maxBytes: 1 << 30, full: 'refuse', fsyncMs: 0, sealMs: 50 } as const;
  const authorization = await startedAuthorization(backend, { journal, ...changes });
  const hits = authorization.journal.metric('hits');
  return {
    backend,
    authorization,
    directory,
    use: (amount, service = '42') => {
      const owner = authorization.journal.owner({ service, kind: 'user_key', id: 'k' });
      authorization.journal.use(owner, hits, systemClock.now(), amount, amount, 0);
      authorization.journal.commit();
    },
  };
}

function idle({ authorization }: Stage): boolean {
  return authorization.reporting.backlog.undelivered === 0 && authorization.journal.openUnits === 0;
}

function asideFiles({ directory }: Stage): string[] {
  return readdirSync(directory).includes('aside') ? readdirSync(join(directory, 'aside')) : [];
}

test('a report is one POST with its credentials in the query and nothing is left on disk', async () => {
  const test_ = await stage();
  test_.use(3);
  await until(() => test_.backend.units('k', 'hits') === 3, 'it is counted');
  const report = test_.backend.requests.find(({ method }) => method === 'POST');
  expect(report?.url).toBe('/transactions.xml?service_id=42&service_token=tok42');
  expect(report?.headers['content-type']).toBe('application/x-www-form-urlencoded');
  await until(() => readdirSync(join(test_.directory, test_.authorization.journal.epoch)).length === 1, 'files go');
});

test('after an HTTP error the report is sent again, and counted once', async () => {
  const test_ = await stage();
  let errors = 0;
  test_.backend.fault = (call) => (call === 'report' && errors++ < 3 ? { kind: 'status', status: 503 } : null);
  test_.use(3);
  await until(() => idle(test_) && test_.backend.units('k', 'hits') > 0, 'it is counted');
  expect(test_.backend.units('k', 'hits')).toBe(3);
  expect(asideFiles(test_)).toEqual([]);
});

test('a refused connection leaves everything to be sent later', async () => {
  const test_ = await stage();
  await test_.backend.stop();
  for (let index = 0; index < 5; index++) test_.use(1);
  await until(() => (test_.authorization.reporting.results.get('unavailable') ?? 0) > 1, 'it is tried');
  await test_.backend.restart();
  await until(() => idle(test_), 'it is delivered');
  expect(test_.backend.units('k', 'hits')).toBe(5);
});

test.each([true, false])(
  'a report whose answer is lost is set aside and never repeated (counted: %s)',
  async (counted) => {
    const test_ = await stage();
    test_.backend.fault = (call) => (call === 'report' ? { kind: 'reset' } : null);
    if (!counted)
      test_.backend.server.removeAllListeners('request').on('request', (request) => request.socket.destroy());
    test_.use(3);
    await until(() => idle(test_) && asideFiles(test_).length > 0, 'it is set aside');
    test_.backend.fault = () => null;
    await new Promise<void>((resolve) => void systemClock.after(300, resolve));
    expect(test_.backend.units('k', 'hits')).toBe(counted ? 3 : 0);
    expect(test_.authorization.metrics.usageUncertain()).toBe(3);
    const [name = ''] = asideFiles(test_);
    expect(name).toBe(`${test_.authorization.journal.epoch}.0000000001.uncertain`);
    expect(foldSegment(readFileSync(join(test_.directory, 'aside', name))).uncertain).toMatchObject([
      { owner: { service: '42', kind: 'user_key', id: 'k' }, metric: 'hits', use: 3 },
    ]);
  },
);

test('a service that the backend refuses keeps its own usage waiting and nobody else', async () => {
  const test_ = await stage();
  test_.use(1, 'unknown');
  test_.use(10);
  await until(() => test_.backend.units('k', 'hits') === 10, 'the other service is counted');
  test_.use(100);
  await until(() => test_.backend.units('k', 'hits') === 110, 'and what comes later');
  expect(test_.authorization.reporting.backlog.units).toBeGreaterThanOrEqual(1);
  expect(test_.authorization.metrics.usagePending()).toBeGreaterThanOrEqual(1);
});

test('while the threads are held up the event loop delivers', async () => {
  const test_ = await stage({ reportingThreads: 1, backendTimeoutMs: 5000 });
  test_.use(1);
  await until(() => test_.backend.units('k', 'hits') === 1, 'the thread delivers');
  let held = 0;
  test_.backend.fault = (call) => (call === 'report' && held++ === 0 ? { kind: 'hang' } : null);
  test_.use(1);
  await until(() => test_.authorization.metrics.reportingThreadsBusy() === 1 && held === 1, 'the thread is held up');
  for (let index = 0; index < 3; index++) {
    test_.use(1);
    test_.authorization.journal.sealNow();
  }
  await until(() => test_.backend.units('k', 'hits') === 4, 'the event loop delivers');
  expect(test_.authorization.reporting.deliveries.loop).toBeGreaterThan(0);
});
