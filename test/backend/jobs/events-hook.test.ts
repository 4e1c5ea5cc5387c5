import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { DirectJobs } from '../../../backend/jobs/direct-jobs.ts';
import { QueuedJobs } from '../../../backend/jobs/queued-jobs.ts';
import type { Jobs } from '../../../backend/jobs/contract.ts';
import { Latch, until } from '../../harness/latch.ts';
import { startRedis } from '../../harness/redis.ts';
import { depsOf, entryOf, makeParts } from './parts.ts';

const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

/** A receiver of the webhook that fails as often as asked. */
async function receiver(failures: number) {
  const latch = new Latch();
  const bodies: string[] = [];
  let left = failures;
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      bodies.push(`${request.method} ${request.url} ${request.headers['content-type']} ${body}`);
      left -= 1;
      response.writeHead(left >= 0 ? 500 : 200).end();
      latch.open();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as AddressInfo;
  return { latch, bodies, url: `http://127.0.0.1:${port}/hook` };
}

const EXPECTED = 'POST /hook application/x-www-form-urlencoded secret=a%26b+c';

test('in one process the receiver is told, and told again when it failed', async () => {
  const { latch, bodies, url } = await receiver(1);
  const jobs = new DirectJobs({ ...depsOf(makeParts()), events: { url, secret: 'a&b c' } });
  stops.push(() => jobs.stop());
  jobs.hook.ping();
  jobs.hook.ping();
  await latch.wait(2);
  expect(bodies).toEqual([EXPECTED, EXPECTED]);
});

async function queued(url: string, observe: (application: string) => Promise<void>): Promise<Jobs> {
  const redis = await startRedis();
  stops.push(() => redis.close());
  const config = { kind: 'redis' as const, url: redis.url, waitReplicas: null };
  const parts = makeParts();
  const jobs = new QueuedJobs(config, {
    ...depsOf(parts),
    events: { url, secret: 'a&b c' },
    testControl: true,
    besideClients: true,
  });
  stops.push(() => jobs.stop());
  await until(() => jobs.reports.reachable, 'the queue is connected');
  jobs.work({ observe: ({ application }) => observe(application) });
  return jobs;
}

test('with a queue a worker tells the receiver, and tells it again when it failed', async () => {
  const { latch, bodies, url } = await receiver(1);
  const jobs = await queued(url, async () => undefined);
  await until(async () => {
    jobs.hook.ping();
    return bodies.length > 0;
  }, 'the receiver was told');
  await latch.wait(2);
  expect(new Set(bodies)).toEqual(new Set([EXPECTED]));
});

test('a drain waits for what follows from a report', async () => {
  const { url } = await receiver(0);
  const observed: string[] = [];
  const jobs = await queued(url, async (application) => void observed.push(application));
  await jobs.reports.accept([entryOf('a'), entryOf('b')]);
  jobs.activity.touched({ service: 'shop', application: 'c' });
  await jobs.drain();
  expect(observed.toSorted()).toEqual(['a', 'b', 'c']);
});
