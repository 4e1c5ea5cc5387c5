import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startNode } from '../harness/process.ts';
import { startStack } from '../harness/stack.ts';
import type { Stack, StackProcess } from '../harness/stack.ts';
import { until } from '../harness/latch.ts';
import type { Group, Row } from './rows.ts';

const SERVICE = 'stack';
const TOKEN = 'stack-token';
/** More requests a second than this in a row measure the machine: then each request is worth more units. */
const MOST_PER_SECOND = 1_000;
const UNITS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

/** A machine that runs all of this and other things besides is slow, which is no outage. */
const PATIENT = { BACKEND_TIMEOUT_MS: '4000', TIMEOUT_CONNECT_MS: '4000' };

/** Gateways of one group, and what each gets. */
export interface Stage {
  readonly stack: Stack;
  readonly gateways: readonly StackProcess[];
  /** kill -9 of the last gateway, and its start on the same journal and ports. */
  crash(): Promise<void>;
  setLimit(index: number, limit: number): Promise<void>;
}

export function keyOf(index: number): string {
  return `limited-${index}`;
}

export function pathOf(index: number, units: number): string {
  return `/u${units}?user_key=${keyOf(index)}`;
}

/** Units of one request of a row: limits are multiples of it. */
export function unitsOf({ limit, change, demand }: Row, seconds: number): number {
  const fits = (units: number): boolean => limit % units === 0 && (change ?? limit) % units === 0;
  const slow = UNITS.find((units) => fits(units) && (limit * demand) / seconds / units <= MOST_PER_SECOND);
  return slow ?? UNITS.findLast(fits) ?? 1;
}

/** A store, a backend, gateways, and an application for each row. */
export async function startStage(group: Group, store: 'redis' | 'embedded'): Promise<Stage> {
  const stack = await startStack({ store, gateways: 0 });
  const file = join(stack.folder, 'gateway.json');
  const rules = UNITS.map((units) => ({ pattern: `/u${units}$`, metric: 'hits', delta: units }));
  const service = { id: SERVICE, token: TOKEN, upstream: stack.upstream.url, rules };
  await writeFile(file, JSON.stringify({ services: [service] }));
  const gateways: StackProcess[] = [];
  const env = { ...PATIENT, CONFIG_FILE: file, UPSTREAM_URL: '' };
  for (let index = 0; index < Math.max(...group.map((row) => row.gateways)); index++) {
    gateways.push(await stack.startGateway(env));
  }
  for (const [index, row] of group.entries()) await stack.application(keyOf(index), row.limit);
  return {
    stack,
    gateways,
    async crash() {
      const last = gateways.at(-1);
      if (last === undefined) throw new Error('no gateway to kill');
      await last.process.kill();
      await restart(stack, last, gateways.length - 1, env);
    },
    async setLimit(index, limit) {
      const url = `http://127.0.0.1:${stack.backend.port}/internal/services/${SERVICE}/plans/plan-${keyOf(index)}/usagelimits/1/minute`;
      const body = JSON.stringify({ usagelimit: { minute: String(limit) } });
      const response = await fetch(url, { method: 'PUT', headers: { 'content-type': 'application/json' }, body });
      if (!response.ok) throw new Error(`PUT ${url}: ${response.status}`);
    },
  };
}

async function restart(
  stack: Stack,
  { port, adminPort }: StackProcess,
  index: number,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const process = await startNode('bin/tallygate.js', ['gateway'], {
    env: {
      HOST: '127.0.0.1',
      PORT: String(port),
      ADMIN_PORT: String(adminPort),
      LOG_LEVEL: 'warn',
      BACKEND_URL: `http://127.0.0.1:${stack.backend.port}`,
      JOURNAL_DIR: join(stack.folder, `j${index}`),
      ...env,
    },
  });
  await until(
    async () => {
      if (!process.running) throw new Error(`the gateway ended at its start:\n${process.output}`);
      return (await fetch(`http://127.0.0.1:${adminPort}/health/ready`).catch(() => null))?.status === 200;
    },
    'the gateway is ready again',
    20_000,
  );
}
