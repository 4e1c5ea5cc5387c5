import { Queue } from 'bullmq';
import { producerConnection } from '../../backend/jobs/connection.ts';
import { QUEUE_PREFIX, REPORTS, REPORT_OPTIONS } from '../../backend/jobs/queues.ts';
import { metric, untilTrue } from './admin.ts';
import type { World } from './world.ts';

const TARGET = '/transactions.xml?service_id=chaos&service_token=chaos-token';
const MANY = 50_000;
const TOO_MANY = 1_000_000;

/** Reports that nobody should send. None has usage that can be counted. */
const REPORT_BODIES: readonly (readonly [name: string, body: () => Buffer])[] = [
  [
    'a key that is no UTF-8',
    () => Buffer.from('transactions[0][user_key]=\xff\xfe&transactions[0][usage][hits]=1', 'latin1'),
  ],
  [
    'an escaped key that is no UTF-8',
    () => Buffer.from('transactions[0][user_key]=%ff%c0%80&transactions[0][usage][hits]=1'),
  ],
  [
    'an amount that is no number',
    () => Buffer.from('transactions[0][user_key]=nobody&transactions[0][usage][hits]=abc'),
  ],
  [
    'an amount beyond 64 bits',
    () => Buffer.from('transactions[0][user_key]=nobody&transactions[0][usage][hits]=1e999'),
  ],
  ['usage that is no table', () => Buffer.from('transactions[0][user_key]=nobody&transactions[0][usage]=7')],
  ['transactions that are no list', () => Buffer.from('transactions=7')],
  ['a time that is none', () => Buffer.from('transactions[0][user_key]=nobody&transactions[0][timestamp]=never')],
  [`${MANY} metrics`, () => metrics(MANY)],
  [`${TOO_MANY} metrics`, () => metrics(TOO_MANY)],
];

/** Jobs that no backend of ours adds. */
const JOBS: readonly object[] = [
  {},
  { v: 2 },
  { v: 1, epoch: 'x', sequence: -1, floor: 'y', digest: 7, entries: 'none' },
  { v: 1, epoch: '0'.repeat(32), sequence: 1, floor: 1, digest: 'wrong', entries: [['chaos', 'x', 0, [], []]] },
  { v: 1, entries: Array.from({ length: MANY }, () => [null, { deep: [[[[]]]] }]) },
];

/** Each is answered, and by none does the backend break. */
export async function poisonReports(port: number): Promise<void> {
  for (const [name, body] of REPORT_BODIES) {
    const status = await post(`http://127.0.0.1:${port}${TARGET}`, body());
    // A body that is refused half way may break off the client's writing.
    const isCut = status === 0 && name.startsWith(String(TOO_MANY));
    const isAnswered = status === 202 || (status >= 400 && status < 500) || status === 503;
    if (!isAnswered && !isCut) throw new Error(`a report with ${name} was answered ${status}`);
  }
}

/** Each is set aside where an operator sees it, while the others go on. */
export async function poisonJobs(world: World): Promise<void> {
  if (world.redis === null) throw new Error('only a queue in Redis has jobs');
  const connection = producerConnection({ kind: 'redis', url: world.redis.url, waitReplicas: null });
  connection.on('error', () => undefined);
  const failed = (): Promise<number | null> => metric(world.backendPort, 'tallygate_reports_failed');
  const before = (await failed()) ?? 0;
  // A Queue that is made without a connection stays broken.
  await untilTrue(() => Promise.resolve(connection.status === 'ready'), 'the queue is connected', 10_000);
  const queue = new Queue(REPORTS, { connection, prefix: QUEUE_PREFIX });
  queue.on('error', () => undefined);
  try {
    for (const job of JOBS) await queue.add('report', job, REPORT_OPTIONS);
    await untilTrue(async () => ((await failed()) ?? 0) >= before + JOBS.length, 'poison jobs are set aside', 20_000);
  } finally {
    await queue.close().catch(() => undefined);
    connection.disconnect();
  }
}

function metrics(count: number): Buffer {
  const usage = Array.from({ length: count }, (_, index) => `&transactions[0][usage][m${index}]=1`);
  return Buffer.from(`transactions[0][user_key]=nobody${usage.join('')}`);
}

async function post(url: string, body: Buffer): Promise<number> {
  try {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(20_000) });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}
