import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/** Prints the line a continuous-integration run looks for: "N passed, N failed, N skipped". */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state]++;
      // A file that does not load has no tests, and must not read as a pass.
      if (module.errors().length > 0) count.failed++;
    }
    // Errors outside of any test, a worker that crashed among them.
    count.failed += unhandledErrors.length;
    console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped + count.pending} skipped`);
  }
}
