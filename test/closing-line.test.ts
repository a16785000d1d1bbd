/** @file The closing line counts what went wrong outside of tests, too: a crash must not read as a pass. */

import { expect, test, vi } from 'vitest';
import type { SerializedError, TestModule } from 'vitest/node';
import ClosingLine from './closing-line.js';

type State = 'passed' | 'failed' | 'skipped' | 'pending';

/** A test file with tests in these states, which may not have loaded. */
function fakeModule(states: readonly State[], errors: readonly SerializedError[] = []): TestModule {
  const tests = states.map((state) => ({ result: () => ({ state }) }));
  return { children: { allTests: () => tests }, errors: () => errors } as unknown as TestModule;
}

const error: SerializedError = { message: 'broken' };

test.each([
  [
    [fakeModule(['passed', 'failed']), fakeModule(['passed', 'skipped'])],
    [],
    '2 passed, 1 failed, 1 skipped',
  ],
  [[], [], '0 passed, 0 failed, 0 skipped'],
  // A file that does not load, and a worker that dies and leaves tests waiting.
  [[fakeModule(['passed']), fakeModule([], [error])], [], '1 passed, 1 failed, 0 skipped'],
  [[fakeModule(['passed', 'pending'])], [error], '1 passed, 1 failed, 1 skipped'],
])('case %#', (modules, unhandled, line) => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  new ClosingLine().onTestRunEnd(modules, unhandled);
  expect(log.mock.calls).toEqual([[line]]);
  log.mockRestore();
});
