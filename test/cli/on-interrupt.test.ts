import process from 'node:process';
import { expect, test, vi } from 'vitest';
import { onInterrupt } from '../../src/cli/interrupt.js';

const listeners = () => ['SIGINT', 'SIGTERM'].map((signal) => process.listenerCount(signal));

test('the first signal counts, with its exit status, and the next of either kind is the system’s again', () => {
  const before = listeners();
  const stop = vi.fn();
  onInterrupt(stop);
  expect(listeners()).toEqual(before.map((count) => count + 1));
  process.emit('SIGTERM');
  expect(stop.mock.calls).toEqual([[143]]);
  expect(listeners()).toEqual(before);
});

test('what is over leaves signals alone', () => {
  const before = listeners();
  onInterrupt(() => {})();
  expect(listeners()).toEqual(before);
});
