import { expect, test } from 'vitest';
import { startProcess } from './process.ts';
import type { TestProcess } from './process.ts';

const node = (code: string, ready: RegExp): Promise<TestProcess> =>
  startProcess(process.execPath, ['-e', code], { ready });

test('waits for the ready line and stops on SIGTERM', async () => {
  const started = await node('console.log("listening on 7"); setInterval(() => {}, 1e3)', /^listening on (\d+)$/);
  expect(started.output).toContain('listening on 7');
  expect(await started.stop()).toEqual({ code: null, signal: 'SIGTERM' });
});

test('a process that ends before it is ready shows its output', async () => {
  const starting = node('console.error("no such file"); process.exit(3)', /ready/);
  await expect(starting).rejects.toThrow(/ended \(3\)[^]*no such file/);
});
