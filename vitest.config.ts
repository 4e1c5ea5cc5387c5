import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/harness/setup.ts'],
    reporters: ['default', './test/harness/closing-line.ts'],
    pool: 'forks',
    // Much of what a test does is to wait for other processes: two at a time also on a machine with two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 20_000,
    hookTimeout: 60_000,
    coverage: { provider: 'v8', include: ['gateway/**', 'backend/**', 'shared/**', 'bin/**'] },
  },
});
