import type { Reporter, TestModule } from 'vitest/node';

/** Prints the last line of a run, `tests: N passed, M failed`, which a machine can read. A file that does not load is a failure. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    for (const module of modules) {
      failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed += 1;
        else if (state === 'failed') failed += 1;
      }
    }
    process.once('exit', () => process.stdout.write(`tests: ${passed} passed, ${failed} failed\n`));
  }
}
