import { join } from 'node:path';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { systemClock } from '../../shared/clock.ts';
import { packageRoot } from '../../shared/package-root.ts';
import { pause } from './process.ts';
import type { Running } from './process.ts';

const Heap = Type.Object({ heapUsed: Type.Number(), external: Type.Number(), arrayBuffers: Type.Number() });
/** Bytes that are left after a forced collection. */
export type Heap = Static<typeof Heap>;
const check = Compile(Heap);

const ANSWER_WITHIN_MS = 10_000;

/** What Node.js is started with so that `collectedHeap` can ask it. */
export const HEAP_PROBE: readonly string[] = [
  '--expose-gc',
  '--import',
  join(packageRoot, 'dist/load/machine/heap-probe.js'),
];

/** Collects the garbage of a process that was started with `HEAP_PROBE`. */
export async function collectedHeap(running: Running): Promise<Heap> {
  const said = (): string[] => Array.from(running.output().matchAll(/^HEAP (.*)$/gm), ([, json = '']) => json);
  const before = said().length;
  running.signal('SIGWINCH');
  const deadline = systemClock.monotonic() + ANSWER_WITHIN_MS;
  while (said().length === before) {
    if (systemClock.monotonic() > deadline) throw new Error('the heap probe did not answer within 10 s');
    await pause(20);
  }
  const heap: unknown = JSON.parse(said().at(-1) ?? 'null');
  if (!check.Check(heap)) throw new Error('the heap probe said something else');
  return heap;
}
