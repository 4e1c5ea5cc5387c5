import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { assert, expect, it } from 'vitest';
import { openAccessLog } from '../../../gateway/metrics/access-log.ts';
import type { Logged } from '../../../gateway/metrics/access-log.ts';
import { wholeLines } from '../../../gateway/metrics/line-output.ts';
import { createLogger } from '../../../shared/log.ts';
import { TestClock } from '../../harness/clock.ts';
import { temporaryFolder } from '../../harness/folder.ts';
import { until } from '../../harness/latch.ts';

const silent = createLogger('test', 'silent');
const path = join(await temporaryFolder(), 'access.log');

function logged(parts: Partial<Logged> = {}): Logged {
  const exchange = { method: 'GET', path: '/v1/"x"', host: 'api.test', remoteAddress: '127.0.0.1', status: 200 };
  return { ...exchange, upstreamStatus: 200, startedAt: 0, failure: null, context: null, ...parts };
}

it('off is no object at all', async () => {
  expect(await openAccessLog('off', false, new TestClock(), silent)).toBeNull();
});

it('writes one JSON line per request, also after its file was moved away', async () => {
  const clock = new TestClock();
  const log = await openAccessLog(path, false, clock, silent);
  assert(log !== null);
  clock.advanceSync(12);
  log.write(logged());
  log.write(logged({ status: 502, upstreamStatus: 0, failure: 'upstream_closed' }));
  const lines = () => (existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []);
  await clock.advance(500);
  await until(() => lines().length === 2, 'two lines');
  expect(lines().map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { method: 'GET', path: '/v1/"x"', status: 200, ms: 12, failure: null },
    { status: 502, upstream: 0, failure: 'upstream_closed' },
  ]);
  renameSync(path, `${path}.1`);
  await log.reopen();
  log.write(logged({ status: 404 }));
  await log.close();
  expect(lines()).toHaveLength(1);
  expect(log.dropped).toBe(0);
});

it('where other processes write too it writes whole lines, few at a time', () => {
  const lines = ['a'.repeat(5), 'é'.repeat(2), 'b'.repeat(20), 'c'].map((line) => `${line}\n`);
  expect([...wholeLines(lines.join(''), 11)]).toEqual([`${lines[0]}${lines[1]}`, lines[2], lines[3]]);
  expect([...wholeLines('', 11)]).toEqual([]);
});
