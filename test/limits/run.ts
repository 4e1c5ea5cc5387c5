import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { systemClock } from '../../shared/clock.ts';
import { get, metric, startStack } from '../harness/stack.ts';
import type { Stack } from '../harness/stack.ts';
import { stopAll } from '../harness/resources.ts';
import { DEFAULT_ROWS, judge } from './rows.ts';
import type { Row, RowResult } from './rows.ts';
import { sendTraffic } from './traffic.ts';

const HELP = `npm run limits -- [--gateways N --limit L --demand D] [--store redis|embedded] [--seconds S] [--json FILE]

Real gateways, a backend and a store; applications with a limit of L calls a minute get D × L requests in each of two
windows, so that one window ends in the middle. Shows what was allowed, over the limit, unused, refused, and how many
requests waited. Without a limit: a table of small and large ones, all at once.
`;

const MINUTE = 60_000;
const SERVICE = 'stack';
/** What was allowed must be counted within this, ms. */
const SETTLE = 15_000;

/** A machine that runs all of this and other things besides is slow, which is no outage. */
const PATIENT = { BACKEND_TIMEOUT_MS: '4000', TIMEOUT_CONNECT_MS: '4000' };

const { values } = parseArgs({
  options: {
    gateways: { type: 'string', default: '2' },
    limit: { type: 'string' },
    demand: { type: 'string', default: '1.5' },
    store: { type: 'string', default: 'redis' },
    /** Of each window, before and after its end. */
    seconds: { type: 'string', default: '20' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const rows =
    values.limit === undefined
      ? DEFAULT_ROWS
      : [{ gateways: Number(values.gateways), limit: Number(values.limit), demand: Number(values.demand) }];
  const gateways = Math.max(...rows.map((row) => row.gateways));
  const store = values.store === 'embedded' ? 'embedded' : 'redis';
  const stack = await startStack({ store, gateways, gatewayEnv: PATIENT });
  let results: readonly RowResult[] = [];
  try {
    for (const [index, row] of rows.entries()) await stack.application(keyOf(index), row.limit);
    results = await measure(stack, rows, Number(values.seconds));
    await print(stack, results);
  } finally {
    await stopAll();
  }
  const failed = results.filter(({ problems }) => problems.length > 0).length;
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ results }, null, 2)}\n`);
  if (failed > 0) process.exitCode = 1;
  process.stdout.write(`limits: ${results.length - failed} passed, ${failed} failed\n`);
}

/** All rows at once, `seconds` before and after the end of a minute. */
async function measure(stack: Stack, rows: readonly Row[], seconds: number): Promise<readonly RowResult[]> {
  const now = systemClock.now();
  let boundary = now - (now % MINUTE) + MINUTE;
  if (boundary - now < (seconds + 1) * 1000) boundary += MINUTE;
  process.stdout.write(`limits: ${rows.length} rows, window ends in ${Math.round((boundary - now) / 1000)} s\n`);
  await sleepUntil(boundary - seconds * 1000);
  return Promise.all(
    rows.map(async (row, index) => {
      const ports = stack.gateways.slice(0, row.gateways).map(({ port }) => port);
      const requestsPerSecond = (row.limit * row.demand) / seconds;
      const answers = await sendTraffic({ ports, userKey: keyOf(index), requestsPerSecond, seconds: 2 * seconds });
      const counted = await countedWhenSettled(stack, keyOf(index), boundary, answers.allowed);
      return judge(row, answers, counted);
    }),
  );
}

async function countedWhenSettled(
  stack: Stack,
  userKey: string,
  boundary: number,
  allowed: number,
): Promise<readonly number[]> {
  const deadline = systemClock.monotonic() + SETTLE;
  for (;;) {
    const counted = await countedPerMinute(stack, userKey, boundary);
    const total = counted.reduce((sum, count) => sum + count, 0);
    if (total === allowed || systemClock.monotonic() > deadline) return counted;
    await sleepUntil(systemClock.now() + 250);
  }
}

async function countedPerMinute(stack: Stack, userKey: string, boundary: number): Promise<readonly number[]> {
  const since = new Date(boundary - MINUTE).toISOString().slice(0, 16);
  const until = new Date(boundary).toISOString().slice(0, 16);
  const query = `metric_name=hits&since=${since}:00&until=${until}:59&granularity=minute`;
  const path = `/stats/services/${SERVICE}/applications/${userKey}/usage.json?${query}`;
  const { status, body } = await get(stack.backend.port, path);
  if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
  const answer: { readonly values: readonly number[] } = JSON.parse(body);
  return answer.values;
}

async function print(stack: Stack, results: readonly RowResult[]): Promise<void> {
  const columns = [
    'gateways',
    'limit',
    'demand',
    'sent',
    'allowed',
    'refused',
    'outages',
    'over',
    'unused %',
    'per window',
  ];
  process.stdout.write(`${columns.map((name) => name.padStart(11)).join('')}\n`);
  for (const row of results) {
    const { gateways, limit, demand, sent, allowed, refused, outages, over, unusedPercent, counted, problems } = row;
    const cells = [
      gateways,
      limit,
      demand,
      sent,
      allowed,
      refused,
      outages,
      over,
      unusedPercent.toFixed(2),
      counted.join('+'),
    ];
    process.stdout.write(`${cells.map((cell) => String(cell).padStart(11)).join('')}  ${problems.join('; ')}\n`);
  }
  const sent = results.reduce((sum, row) => sum + row.sent, 0);
  let waits = 0;
  for (const { adminPort } of stack.gateways) waits += await metric(adminPort, 'tallygate_lease_waits_total');
  process.stdout.write(
    `waited for units of a lease: ${waits} of ${sent} requests (${((1000 * waits) / sent).toFixed(1)} in 1,000)\n`,
  );
}

function keyOf(index: number): string {
  return `limited-${index}`;
}

function sleepUntil(at: number): Promise<void> {
  return new Promise((resolve) => void systemClock.after(at - systemClock.now(), resolve));
}
