import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { gatewayErrors } from '../../../shared/errors.ts';
import { Link } from '../../chaos/link.ts';
import { until } from '../../harness/latch.ts';
import { startNode } from '../../harness/process.ts';
import { track } from '../../harness/resources.ts';
import { get, metric, startStack } from '../../harness/stack.ts';
import type { Stack, StackProcess } from '../../harness/stack.ts';
import { expectError, logged, ready, rises, serves } from './support.ts';

let stack: Stack;
let link: Link;
let behindLink: Readonly<Record<string, string>>;

beforeAll(async () => {
  stack = await startStack({ gateways: 0 });
  link = await new Link(stack.backend.port, () => 0).listen();
  track({ stop: () => link.close(), abandon: () => undefined });
  behindLink = { BACKEND_URL: `http://127.0.0.1:${link.port}`, BACKEND_DOWN: 'resilient', JOURNAL_MAX_BYTES: '64KiB' };
});

afterEach(() => link.heal());

/** Serves a caller until the answer or the metric says that the journal is full. */
async function fill(gateway: StackProcess, key: string, full: () => Promise<boolean>): Promise<void> {
  await until(
    async () => {
      await Promise.all(Array.from({ length: 20 }, () => get(gateway.port, `/?user_key=${key}`)));
      return full();
    },
    'the journal is full',
    60_000,
  );
}

test(
  'a full journal that refuses is a 503, told, not ready, and has room again when usage is delivered',
  { timeout: 150_000 },
  async () => {
    await stack.application('refuse', null);
    const gateway = await stack.startGateway({ ...behindLink, JOURNAL_FULL: 'refuse' });
    await serves(gateway, 'refuse');
    link.faults.cut = true;
    link.reset();
    await fill(gateway, 'refuse', async () => (await get(gateway.port, '/?user_key=refuse')).status === 503);
    expectError(await get(gateway.port, '/?user_key=refuse'), gatewayErrors.usageUnrecorded);
    await logged(gateway, 'journal_not_writable');
    expect(await ready(gateway.adminPort)).toBe(false);
    expect(await metric(gateway.adminPort, 'tallygate_journal_bytes')).toBeGreaterThan(60_000);
    link.heal();
    // What was delivered is kept in case the store forgets it, and gives way here.
    await serves(gateway, 'refuse', 20_000);
    expect(await metric(gateway.adminPort, 'tallygate_batches_let_go_total')).toBeGreaterThan(0);
    expect(await ready(gateway.adminPort)).toBe(true);
    const served = stack.upstream.served('refuse');
    await until(async () => (await stack.counted('refuse')) === served, 'all that was served is counted', 15_000);
    expect(await metric(gateway.adminPort, 'tallygate_usage_lost_total')).toBe(0);
  },
);

test('a full journal that serves serves on, and says what is lost', async () => {
  await stack.application('serve', null);
  const gateway = await stack.startGateway({ ...behindLink, JOURNAL_FULL: 'serve' });
  await serves(gateway, 'serve');
  link.faults.cut = true;
  link.reset();
  const lost = (): Promise<number> => metric(gateway.adminPort, 'tallygate_usage_lost_total');
  await fill(gateway, 'serve', async () => (await lost()) > 0);
  expect((await get(gateway.port, '/?user_key=serve')).status).toBe(200);
  await logged(gateway, 'journal_not_writable');
  link.heal();
  const served = stack.upstream.served('serve');
  await until(
    async () => (await stack.counted('serve')) + (await lost()) === served,
    'all that was not lost is counted',
    15_000,
  );
});

test('a damaged journal is told at the next start, and what can be read of it is counted', async () => {
  await stack.application('damage', null);
  const JOURNAL_DIR = join(stack.folder, 'damaged');
  const gateway = await stack.startGateway({ ...behindLink, JOURNAL_DIR });
  await serves(gateway, 'damage');
  await until(async () => (await stack.counted('damage')) === 1, 'the first is counted');
  link.faults.cut = true;
  link.reset();
  for (let call = 0; call < 30; call++) expect((await get(gateway.port, '/?user_key=damage')).status).toBe(200);
  await gateway.process.kill();
  await damage(JOURNAL_DIR);
  link.heal();
  const next = await stack.startGateway({ ...behindLink, JOURNAL_DIR });
  await logged(next, 'journal_damaged');
  await rises(next.adminPort, 'tallygate_journal_damaged_total', '', 0);
  await until(async () => (await stack.counted('damage')) > 1, 'what can be read is counted', 15_000);
  expect(await stack.counted('damage')).toBeLessThan(31);
});

test('a folder that cannot be written ends the start with exit code 1 and the remedy', async () => {
  const file = join(stack.folder, 'no-folder');
  await writeFile(file, '');
  const env = {
    UPSTREAM_URL: stack.upstream.url,
    BACKEND_URL: `http://127.0.0.1:${stack.backend.port}`,
    SERVICE_ID: 'stack',
    SERVICE_TOKEN: 'stack-token',
    JOURNAL_DIR: file,
  };
  const gateway = await startNode('bin/tallygate.js', ['gateway'], { env });
  expect(await gateway.exited).toEqual({ code: 1, signal: null });
  expect(gateway.output).toContain('JOURNAL_DIR');
});

/** Flips a bit in the middle of the largest segment. */
async function damage(directory: string): Promise<void> {
  const names = (await readdir(directory, { recursive: true })).filter((name) => /\d{10}\.(open|sealed)$/.test(name));
  const segments = await Promise.all(
    names.map(async (name) => ({ name, bytes: await readFile(join(directory, name)) })),
  );
  const [largest] = segments.toSorted((one, other) => other.bytes.length - one.bytes.length);
  if (largest === undefined) throw new Error('there is no segment');
  const middle = Math.floor(largest.bytes.length / 2);
  largest.bytes.writeUInt8(largest.bytes.readUInt8(middle) ^ 1, middle);
  await writeFile(join(directory, largest.name), largest.bytes);
}
