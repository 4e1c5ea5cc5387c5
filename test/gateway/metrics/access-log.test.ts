import { existsSync, mkdtempSync, readFileSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { AccessLog, createAccessLog } from '../../../gateway/metrics/access-log.ts';
import type { Logged } from '../../../gateway/metrics/access-log.ts';
import { createLogger } from '../../../shared/log.ts';
import { TestClock } from '../../harness/clock.ts';
import { until } from '../../harness/latch.ts';

const silent = createLogger('test', 'silent');
const path = join(mkdtempSync(join(tmpdir(), 'tallygate-access-')), 'access.log');

function logged(parts: Partial<Logged> = {}): Logged {
  const exchange = { method: 'GET', path: '/v1/"x"', host: 'api.test', remoteAddress: '127.0.0.1', status: 200 };
  return { ...exchange, upstreamStatus: 200, startedAt: 0, failure: null, context: null, ...parts };
}

it('off is no object at all', () => {
  expect(createAccessLog('off', new TestClock(), silent)).toBeNull();
});

it('writes one JSON line per request, also after its file was moved away', async () => {
  const clock = new TestClock();
  const log = new AccessLog(path, clock, silent);
  clock.advanceSync(12);
  log.write(logged());
  log.write(logged({ status: 502, upstreamStatus: 0, failure: 'upstream_closed' }));
  await clock.advance(1000);
  const lines = () => (existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []);
  await until(() => lines().length === 2, 'two lines');
  expect(lines().map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { method: 'GET', path: '/v1/"x"', status: 200, ms: 12, failure: null },
    { status: 502, upstream: 0, failure: 'upstream_closed' },
  ]);
  renameSync(path, `${path}.1`);
  log.reopen();
  await clock.advance(1000);
  log.write(logged({ status: 404 }));
  await log.close();
  expect(lines()).toHaveLength(1);
  expect(log.dropped).toBe(0);
});
