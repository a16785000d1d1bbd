import { defineConfig } from 'vitest/config';

export default defineConfig({
  define: { __VERSION__: JSON.stringify('0.0.0-test') },
  test: {
    include: ['test/**/*.test.ts'],
    // A test that opens the software adapter computes on the CPU: two at a time is what two cores bear.
    maxWorkers: 2,
    // What this machine's user has tuned is none of the tests' business.
    env: { OCTILE_TUNING: 'off' },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['default', './test/closing-line.ts'],
  },
});
