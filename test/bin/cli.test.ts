import { expect, test } from 'vitest';
import { commands } from '../../bin/commands/index.ts';
import { startNode } from '../harness/process.ts';

interface Result {
  readonly code: number | null;
  readonly output: string;
}

async function tallygate(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Result> {
  const started = await startNode('bin/tallygate.js', args, { env });
  const { code } = await started.exited;
  return { code, output: started.output };
}

test('every command explains itself with --help and exits 0', async () => {
  const names = commands.map((command) => command().name());
  const results = await Promise.all(names.map((name) => tallygate([name, '--help'])));
  expect(results.map((result) => result.code)).toEqual(names.map(() => 0));
  expect(results.filter((result, i) => !result.output.startsWith(`Usage: tallygate ${names[i] ?? ''}`))).toEqual([]);
});

test('an unknown command exits 1 and names the nearest', async () => {
  const { code, output } = await tallygate(['helth']);
  expect(code).toBe(1);
  expect(output).toContain('Did you mean health?');
});

test('an unknown flag exits 1 and names the nearest', async () => {
  const { code, output } = await tallygate(['health', '--timout', '1']);
  expect(code).toBe(1);
  expect(output).toContain('Did you mean --timeout?');
});

test('bad settings exit 1 with one line for each and no stack', async () => {
  const { code, output } = await tallygate(['backend'], { PORT: 'x', LOG_LEVEL: 'loud' });
  expect(code).toBe(1);
  expect(output.trim().split('\n')).toEqual([
    expect.stringMatching(/^PORT: "x"/),
    expect.stringMatching(/^LOG_LEVEL: "loud"/),
  ]);
});

test('the version is that of the package', async () => {
  const { code, output } = await tallygate(['--version']);
  expect(code).toBe(0);
  expect(output).toMatch(/^\d+\.\d+\.\d+\n$/);
});
