/**
 * Loaded into a process that is looked at (`node --expose-gc --import`): SIGWINCH, which nothing without a terminal has a
 * use for, collects garbage and prints `HEAP` with
 * what is left, as JSON, in bytes.
 */
const collect = globalThis.gc;
if (collect === undefined) throw new Error('start Node.js with --expose-gc');

process.on('SIGWINCH', () => {
  collect();
  // What the first collection finalised is freed by the second.
  setImmediate(() => {
    collect();
    const { heapUsed, external, arrayBuffers } = process.memoryUsage();
    console.log(`HEAP ${JSON.stringify({ heapUsed, external, arrayBuffers })}`);
  });
});
