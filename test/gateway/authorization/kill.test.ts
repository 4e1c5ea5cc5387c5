import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { foldSegment } from '../../../gateway/journal/fold.ts';
import { systemClock } from '../../../shared/clock.ts';
import { temporaryFolder } from '../../harness/folder.ts';
import { until } from '../../harness/latch.ts';
import { startNode, type TestProcess } from '../../harness/process.ts';
import { startedAuthorization } from '../support/authorization.ts';
import { ContractBackend } from '../support/backend.ts';

const CHILD = 'dist/test/gateway/authorization/gateway-child.js';
const JOURNAL = { maxBytes: 1 << 30, full: 'refuse', fsyncMs: 10, sealMs: 50 } as const;

function ledgerOf(file: string): number {
  return Number(readFileSync(file, 'latin1').trim());
}

/** Units that were set aside because nobody knows whether the backend counted them. */
function uncertainUnits(directory: string): number {
  const aside = readdirSync(directory).includes('aside') ? readdirSync(join(directory, 'aside')) : [];
  const folds = aside
    .filter((name) => name.endsWith('.uncertain'))
    .map((name) => foldSegment(readFileSync(join(directory, 'aside', name))));
  return folds.flatMap(({ uncertain }) => uncertain).reduce((sum, { use }) => sum + use, 0);
}

async function gateway(backend: ContractBackend, folder: string, name: string, mode: string): Promise<TestProcess> {
  const args = [backend.url.href, join(folder, 'journal'), join(folder, name), mode];
  return startNode(CHILD, args, { ready: /^ready/ });
}

test.each(['batched', 'per-request'])(
  'gateways killed again and again lose nothing and count nothing twice: %s',
  async (mode) => {
    const backend = await ContractBackend.start();
    backend.keys.set('k', []);
    const folder = await temporaryFolder();
    const rounds = 5;
    let served = 0;
    for (let round = 0; round < rounds; round++) {
      const child = await gateway(backend, folder, `ledger${round}`, mode);
      await until(() => ledgerOf(join(folder, `ledger${round}`)) > 30 * (round + 1), 'it serves');
      await child.kill();
      served += ledgerOf(join(folder, `ledger${round}`));
    }
    const directory = join(folder, 'journal');
    const last = await startedAuthorization(backend, { journal: { directory, ...JOURNAL } });
    const epochs = (): string[] => readdirSync(directory).filter((name) => /^[0-9a-f]{32}/.test(name));
    await until(
      () => epochs().every((name) => name === last.journal.epoch) && last.reporting.backlog.undelivered === 0,
      'everything that was left is delivered',
    );
    const counted = backend.units('k', 'hits');
    const uncertain = uncertainUnits(directory);
    // A tick of three may be in the journal and not in the ledger when the process is killed.
    expect(counted).toBeLessThanOrEqual(served + 3 * rounds);
    expect(counted + uncertain).toBeGreaterThanOrEqual(served);
  },
  60_000,
);

test('a gateway that is told to stop delivers everything first', async () => {
  const backend = await ContractBackend.start();
  backend.keys.set('k', []);
  const folder = await temporaryFolder();
  const child = await gateway(backend, folder, 'ledger', 'batched');
  await until(() => ledgerOf(join(folder, 'ledger')) > 50, 'it serves');
  child.signal('SIGTERM');
  expect(await child.exited).toEqual({ code: 0, signal: null });
  expect(backend.units('k', 'hits')).toBe(ledgerOf(join(folder, 'ledger')));
  expect(readdirSync(join(folder, 'journal'))).toEqual([]);
});

test('usage of a time when the backend was away arrives, dated when it happened', async () => {
  const backend = await ContractBackend.start();
  backend.keys.set('k', []);
  const folder = await temporaryFolder();
  const child = await gateway(backend, folder, 'ledger', 'batched');
  await backend.stop();
  const before = ledgerOf(join(folder, 'ledger'));
  await until(() => ledgerOf(join(folder, 'ledger')) > before + 100, 'it serves on');
  const away = systemClock.now();
  await backend.restart();
  child.signal('SIGTERM');
  expect(await child.exited).toEqual({ code: 0, signal: null });
  expect(backend.units('k', 'hits')).toBe(ledgerOf(join(folder, 'ledger')));
  const times = backend.transactions.map((transaction) => Date.parse(transaction.get('[timestamp]') ?? ''));
  expect(times.every((at) => at <= away && at % 60_000 === 0)).toBe(true);
});
