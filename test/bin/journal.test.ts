import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { startedAuthorization } from '../gateway/support/authorization.ts';
import { ContractBackend } from '../gateway/support/backend.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { until } from '../harness/latch.ts';
import { startNode } from '../harness/process.ts';

async function tallygate(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; output: string }> {
  const child = await startNode('bin/tallygate.js', ['journal', ...args], { env });
  const { code } = await child.exited;
  return { code, output: child.output };
}

function environment(backend: ContractBackend): Record<string, string> {
  return {
    BACKEND_URL: backend.url.href,
    UPSTREAM_URL: 'http://127.0.0.1:1',
    SERVICE_ID: '42',
    SERVICE_TOKEN: 'tok42',
    LOG_LEVEL: 'error',
  };
}

test('the journal of a killed process is shown, delivered once, and gone', async () => {
  const backend = await ContractBackend.start();
  const directory = await temporaryFolder();
  const holder = await startNode('dist/test/gateway/journal/holder-child.js', [directory]);
  const [, epoch = ''] = await holder.line(/^epoch (\w+)$/);
  expect((await tallygate(['inspect', directory])).output).toContain(`${epoch}  alive`);
  await holder.kill();
  const { output } = await tallygate(['inspect', directory, '--json']);
  expect(JSON.parse(output)).toMatchObject({
    epochs: [
      {
        epoch,
        state: 'dead',
        openLeases: 1,
        heldUnits: 1100,
        segments: [
          { sequence: 1, state: 'sealed' },
          { sequence: 2, state: 'open' },
        ],
      },
    ],
  });
  const replayed = await tallygate(['replay', directory], environment(backend));
  expect(replayed).toMatchObject({ code: 0 });
  expect(replayed.output).toContain('taken over: 1 journals');
  expect(backend.units('k', 'hits')).toBe(111);
  expect((await tallygate(['inspect', directory])).output).toContain('aside      uncertain  1000 units');
});

test("what is uncertain is sent by an operator's word, and only then", async () => {
  const backend = await ContractBackend.start();
  const directory = await temporaryFolder();
  const journal = { directory, maxBytes: 1 << 30, full: 'refuse', fsyncMs: 0, sealMs: 50 } as const;
  const authorization = await startedAuthorization(backend, { journal });
  backend.fault = (call) => (call === 'report' ? { kind: 'reset' } : null);
  const owner = authorization.journal.owner({ service: '42', kind: 'user_key', id: 'k' });
  authorization.journal.use(owner, authorization.journal.metric('hits'), systemClock.now(), 5, 5, 0);
  authorization.journal.commit();
  await until(() => readdirSync(directory).includes('aside'), 'it is set aside');
  await authorization.stop(1000);
  backend.fault = () => null;
  expect(await tallygate(['replay', directory], environment(backend))).toMatchObject({ code: 0 });
  expect(backend.units('k', 'hits')).toBe(5);
  const { output } = await tallygate(['replay', directory, '--uncertain'], environment(backend));
  expect(output).toContain('uncertain: 5 units of 1 files');
  expect(backend.units('k', 'hits')).toBe(10);
  expect(readdirSync(join(directory, 'aside'))).toEqual([]);
  expect((await tallygate(['inspect', directory])).output).toContain('nothing is pending');
});

test('a backend that does not answer leaves everything as it was', async () => {
  const backend = await ContractBackend.start();
  await backend.stop();
  const directory = await temporaryFolder();
  const holder = await startNode('dist/test/gateway/journal/holder-child.js', [directory]);
  const [, epoch = ''] = await holder.line(/^epoch (\w+)$/);
  await holder.kill();
  const { code, output } = await tallygate(['replay', directory], environment(backend));
  expect(code).toBe(1);
  expect(output).toContain('does not answer: nothing was changed');
  expect(readdirSync(directory)).toContain(epoch);
});

test('a folder that is none is refused in one line', async () => {
  const { code, output } = await tallygate(['inspect', '/nowhere/journal']);
  expect(code).toBe(1);
  expect(output.trim().split('\n')).toHaveLength(1);
});
