import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../shared/package-root.ts';
import { systemClock } from '../../shared/clock.ts';
import { startRedis } from '../../test/harness/redis.ts';
import type { PrivateRedis } from '../../test/harness/redis.ts';
import { freePorts } from '../machine/ports.ts';
import { launch, pause } from '../machine/process.ts';
import type { Running } from '../machine/process.ts';
import { provision, serviceId, tokenOf } from '../peers/provision.ts';
import { ONE_CALLER } from '../peers/setup.ts';
import { untilReady } from '../peers/tallygate.ts';
import type { Report } from '../report.ts';
import type { ScenarioOptions } from '../stage.ts';
import { atMost } from '../verdict.ts';

const RECORDS = 1_000_000;
const APPLICATIONS = 10_000;
const OUTAGE_MINUTES = 60;
const MEGABYTE = 1_048_576;
/** Longest time without a line about what is done of how much, seconds. */
const SILENCE = 2;
const LONGEST_WAIT = 280_000;

interface Recovery {
  readonly journalMegabytes: number;
  readonly segments: number;
  /** From the start of the process, seconds. */
  readonly adoptedAfter: number;
  readonly deliveredAfter: number;
  readonly peakMegabytes: number;
  readonly silence: number;
  readonly counted: number;
  readonly redisSeconds: number;
}

/** A dead gateway's journal of a million records is adopted, replayed and delivered to a backend with Redis. */
export async function recovery(options: ScenarioOptions): Promise<Report> {
  const redis = await startRedis({ tcp: true, appendonly: true, appendfsync: 'everysec' });
  const backendEnv = { REDIS_URL: redis.url, LOG_LEVEL: 'warn' };
  const [port = 0] = await freePorts(1);
  const backend = await launch({
    command: process.execPath,
    args: [join(packageRoot, 'bin/tallygate.js'), 'backend'],
    env: { ...backendEnv, PORT: String(port) },
    core: null,
    ready: null,
  });
  try {
    await untilReady(port, backend);
    await provision(port, { ...ONE_CALLER, applications: APPLICATIONS });
    const directory = join(options.folder, 'j');
    await writeAndKill(directory);
    return report(await recover(options, directory, port, redis));
  } finally {
    await backend.stop();
    await redis.close();
  }
}

async function writeAndKill(directory: string): Promise<void> {
  const writer = await launch({
    command: process.execPath,
    args: [
      join(packageRoot, 'dist/load/peers/journal-server.js'),
      directory,
      ...[RECORDS, APPLICATIONS, OUTAGE_MINUTES].map(String),
    ],
    core: null,
    ready: /ready/,
  });
  writer.signal('SIGKILL');
  await writer.stop();
}

async function recover(
  { progress }: ScenarioOptions,
  directory: string,
  backendPort: number,
  redis: PrivateRedis,
): Promise<Recovery> {
  const { bytes, segments } = await sizeOf(directory);
  const [port = 0, adminPort = 0] = await freePorts(2);
  const redisBefore = await redisCpu(redis);
  const startedAt = systemClock.now();
  const gateway = await launch({
    command: process.execPath,
    args: [join(packageRoot, 'bin/tallygate.js'), 'gateway'],
    env: {
      HOST: '127.0.0.1',
      PORT: String(port),
      ADMIN_PORT: String(adminPort),
      UPSTREAM_URL: `http://127.0.0.1:${backendPort}`,
      BACKEND_URL: `http://127.0.0.1:${backendPort}`,
      SERVICE_ID: serviceId(0),
      SERVICE_TOKEN: tokenOf(serviceId(0)),
      JOURNAL_DIR: directory,
      LOG_LEVEL: 'info',
    },
    core: null,
    ready: null,
  });
  try {
    const peak = await untilDelivered(gateway, progress);
    const lines = linesOf(gateway.output());
    const moments = lines.map(({ time }) => time);
    const at = (code: string): number => ((lines.find((line) => line.code === code)?.time ?? NaN) - startedAt) / 1000;
    const gaps = moments.slice(1).map((time, index) => (time - (moments[index] ?? time)) / 1000);
    return {
      journalMegabytes: bytes / MEGABYTE,
      segments,
      adoptedAfter: at('journal_adopted'),
      deliveredAfter: at('delivery_caught_up'),
      peakMegabytes: peak / MEGABYTE,
      silence: Math.max(...gaps),
      counted: await untilCounted(backendPort),
      redisSeconds: (await redisCpu(redis)) - redisBefore,
    };
  } finally {
    await gateway.stop();
  }
}

/** Resolves to the greatest resident memory seen, bytes. */
async function untilDelivered(gateway: Running, progress: (line: string) => void): Promise<number> {
  let peak = 0;
  let told = 0;
  for (const end = systemClock.monotonic() + LONGEST_WAIT; systemClock.monotonic() < end;) {
    peak = Math.max(peak, await gateway.memory());
    const lines = linesOf(gateway.output());
    for (const { text } of lines.slice(told)) progress(text);
    told = lines.length;
    if (lines.some(({ code }) => code === 'delivery_caught_up')) return peak;
    await pause(200);
  }
  throw new Error(`not delivered within ${LONGEST_WAIT / 1000} s: ${gateway.output().slice(-2000)}`);
}

/** The gateway's log lines about the journal. */
function linesOf(output: string): { time: number; code: string; text: string }[] {
  const codes = ['adoption_progress', 'journal_adopted', 'delivery_progress', 'delivery_caught_up'];
  return output.split('\n').flatMap((text) => {
    const code = /"code":"(\w+)"/.exec(text)?.[1] ?? '';
    const time = /"time":"([^"]+)"/.exec(text)?.[1];
    return codes.includes(code) && time !== undefined ? [{ time: Date.parse(time), code, text }] : [];
  });
}

/** The last few segments of a backlog are no backlog any more: waits for them, at most 10 s. */
async function untilCounted(port: number): Promise<number> {
  let counted = 0;
  for (let tries = 0; tries < 50 && counted < RECORDS; tries++) {
    await pause(200);
    const query = 'metric_name=hits&period=year&granularity=month&access_token=';
    const response = await fetch(`http://127.0.0.1:${port}/stats/services/${serviceId(0)}/usage.json?${query}`);
    const answer: unknown = await response.json();
    counted = typeof answer === 'object' && answer !== null && 'total' in answer ? Number(answer.total) : NaN;
  }
  return counted;
}

async function sizeOf(directory: string): Promise<{ bytes: number; segments: number }> {
  const names = await readdir(directory, { recursive: true });
  const files = names.filter((name) => /\.(sealed|open)$/.test(name));
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(directory, name))).size));
  return { bytes: sizes.reduce((sum, size) => sum + size, 0), segments: files.length };
}

/** Seconds. */
export async function redisCpu(redis: PrivateRedis): Promise<number> {
  const info = await redis.cli('INFO', 'cpu');
  const field = (name: string): number => Number(new RegExp(`${name}:([\\d.]+)`).exec(info)?.[1] ?? 0);
  return field('used_cpu_sys') + field('used_cpu_user');
}

function report(found: Recovery): Report {
  const seconds = found.deliveredAfter - found.adoptedAfter;
  return {
    title: `Recovery of a journal of ${RECORDS.toLocaleString('en')} records`,
    columns: ['measure', 'value'],
    rows: [
      ['journal', `${found.journalMegabytes.toFixed(0)} MB in ${found.segments} segments`],
      ['read and adopted, seconds after the start of the gateway', found.adoptedAfter.toFixed(1)],
      ['delivered, seconds after it was adopted', seconds.toFixed(1)],
      ['records a second, delivered', (RECORDS / seconds).toFixed(0)],
      ['Redis CPU, µs a record', ((found.redisSeconds * 1e6) / RECORDS).toFixed(1)],
      ['greatest resident memory of the gateway, MB', found.peakMegabytes.toFixed(0)],
      ['longest time between two lines of the log, seconds', found.silence.toFixed(1)],
    ],
    verdicts: [
      atMost('records not counted, or counted twice', Math.abs(found.counted - RECORDS), 0),
      atMost('longest time without progress in the log, seconds', found.silence, SILENCE),
    ],
    notes: [
      `${APPLICATIONS.toLocaleString('en')} applications with a limit, an outage of ${OUTAGE_MINUTES} minutes, written by the product's journal in a process that is killed with -9; gateway, backend and Redis (AOF, everysec) share the machine, REPORTING_THREADS=0.`,
    ],
    raw: found,
  };
}
