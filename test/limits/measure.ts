import { systemClock } from '../../shared/clock.ts';
import { get, metric } from '../harness/stack.ts';
import { judge } from './judge.ts';
import type { RowResult } from './judge.ts';
import type { Group, Row } from './rows.ts';
import { keyOf, pathOf, unitsOf } from './stage.ts';
import type { Stage } from './stage.ts';
import { sendTraffic } from './traffic.ts';
import type { Answers } from './traffic.ts';

const MINUTE = 60_000;
/** What was allowed must be counted within this, ms; a killed gateway's part when it runs again. */
const SETTLE = 15_000;
/** From the change of a limit until every gateway obeys it (AUTHS_TTL), ms. */
const OBEYED_WITHIN = 10_000;
/** First calls of a gateway wait for its first lease: from here on the waits count, ms. */
const IN_STEP = 5_000;

/** All rows at once, `seconds` before and after the end of a minute. */
export async function measure(stage: Stage, group: Group, seconds: number): Promise<readonly RowResult[]> {
  const now = systemClock.now();
  let boundary = now - (now % MINUTE) + MINUTE;
  if (boundary - now < (seconds + 1) * 1000) boundary += MINUTE;
  process.stdout.write(`limits: ${group.length} rows, window ends in ${Math.round((boundary - now) / 1000)} s\n`);
  await sleepUntil(boundary - seconds * 1000);
  const middle = boundary - seconds * 500;
  const incident = group.some(({ kill }) => kill) ? sleepUntil(middle).then(() => stage.crash()) : Promise.resolve();
  const waits = steadyWaits(stage, boundary - seconds * 1000 + IN_STEP);
  const runs = group.map((row, index) => runRow(stage, row, index, seconds, middle));
  const [answers, before] = await Promise.all([Promise.all(runs), waits, incident]);
  const waited = group.length === 1 ? (await totalWaits(stage)) - before : null;
  return Promise.all(
    group.map(async (row, index) => {
      const units = unitsOf(row, seconds);
      const own = answers[index];
      if (own === undefined) throw new Error('a row without answers');
      const counted = await countedWhenSettled(stage, index, boundary, own.allowed * units);
      const share = (2 * seconds * 1000 - IN_STEP) / (2 * seconds * 1000);
      const beforeChange =
        row.change === null ? null : units * own.allowedAt.filter((at) => at < middle + OBEYED_WITHIN).length;
      return judge(row, units, own, { counted, boundary, beforeChange, waits: waited, waitsOf: own.sent * share });
    }),
  );
}

async function runRow(stage: Stage, row: Row, index: number, seconds: number, middle: number): Promise<Answers> {
  const { gateways, limit, demand, skew, change } = row;
  const units = unitsOf(row, seconds);
  const changed = change === null ? Promise.resolve() : sleepUntil(middle).then(() => stage.setLimit(index, change));
  const [answers] = await Promise.all([
    sendTraffic({
      ports: stage.gateways.slice(0, gateways).map(({ port }) => port),
      skew,
      path: pathOf(index, units),
      requestsPerSecond: (limit * demand) / units / seconds,
      seconds: 2 * seconds,
    }),
    changed,
  ]);
  return answers;
}

async function steadyWaits(stage: Stage, at: number): Promise<number> {
  await sleepUntil(at);
  return totalWaits(stage);
}

async function totalWaits({ gateways }: Stage): Promise<number> {
  let waits = 0;
  for (const { adminPort } of gateways) waits += await metric(adminPort, 'tallygate_lease_waits_total');
  return waits;
}

async function countedWhenSettled(
  stage: Stage,
  index: number,
  boundary: number,
  allowed: number,
): Promise<readonly number[]> {
  const deadline = systemClock.monotonic() + SETTLE;
  for (;;) {
    const counted = await countedPerMinute(stage, keyOf(index), boundary);
    const total = counted.reduce((sum, count) => sum + count, 0);
    if (total === allowed || systemClock.monotonic() > deadline) return counted;
    await sleepUntil(systemClock.now() + 250);
  }
}

async function countedPerMinute({ stack }: Stage, userKey: string, boundary: number): Promise<readonly number[]> {
  const since = new Date(boundary - MINUTE).toISOString().slice(0, 16);
  const until = new Date(boundary).toISOString().slice(0, 16);
  const query = `metric_name=hits&since=${since}:00&until=${until}:59&granularity=minute`;
  const path = `/stats/services/stack/applications/${userKey}/usage.json?${query}`;
  const { status, body } = await get(stack.backend.port, path);
  if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
  const answer: { readonly values: readonly number[] } = JSON.parse(body);
  return answer.values;
}

function sleepUntil(at: number): Promise<void> {
  return new Promise((resolve) => void systemClock.after(Math.max(0, at - systemClock.now()), resolve));
}
