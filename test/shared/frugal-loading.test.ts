import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { packageRoot } from '../../shared/package-root.ts';

const module = pathToFileURL(join(packageRoot, 'dist/shared/frugal-loading.js')).href;

/** What a process of its own prints: flags of the engine hold for a whole process. */
async function printed(program: string): Promise<string> {
  const start = `import v8 from 'node:v8';
    import { loadFrugally } from '${module}';
    const grow = async () => {
      const kept = [];
      for (let turn = 0; turn < 250; turn++) {
        kept.push(Array.from({ length: 20_000 }, (_, i) => ({ i })));
        await new Promise((resolve) => setImmediate(resolve));
      }
    };`;
  const args = ['--trace-gc', '--input-type=module', '-e', start + program];
  return (await promisify(execFile)(process.execPath, args)).stdout;
}

test('the young generation keeps its first size, however much survives', async () => {
  const output = await printed(`
    await loadFrugally(async () => null);
    const kept = Array.from({ length: 500_000 }, (_, i) => ({ i }));
    const { space_size } = v8.getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
    console.log('young', kept.length, space_size);`);
  const [, size] = /^young 500000 (\d+)$/m.exec(output) ?? [];
  expect(Number(size)).toBeLessThanOrEqual(4 * 1024 * 1024);
});

test('while code is loaded the heap grows in small steps', async () => {
  expect(fullCollections(await printed('await loadFrugally(grow);'))).toBeGreaterThan(10);
});

test('after code could not be loaded, the heap grows as it did', async () => {
  const output = await printed(`
    await loadFrugally(() => Promise.reject(new Error('no such module'))).catch(() => null);
    await grow();`);
  expect(fullCollections(output)).toBeLessThan(10);
});

function fullCollections(output: string): number {
  return output.match(/Mark-Compact/gi)?.length ?? 0;
}
