import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { withProgress } from '../../src/cli/progress.js';

/** A terminal that keeps what is drawn on it. */
function terminal(isTTY = true) {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 120 });
  const drawn: string[] = [];
  stream.on('data', (text: Buffer) => drawn.push(text.toString()));
  return { stream, drawn: () => drawn.join('') };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubEnv('TERM', 'xterm');
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

const elapse = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

test('work that takes long has a bar, which shows how much is done and is gone at the end', async () => {
  const { stream, drawn } = terminal();
  const result = withProgress(
    'counting',
    4,
    async (tick) => {
      tick();
      await elapse(1400);
      expect(drawn()).toBe('');
      await elapse(200);
      expect(drawn()).toContain('counting');
      expect(drawn()).toContain('25% | 1/4');
      await elapse(1000);
      tick(2);
      await elapse(1000);
      expect(drawn()).toContain('75% | 3/4');
      return 'counted';
    },
    { stream },
  );
  expect(await result).toBe('counted');
  const { length } = drawn();
  await elapse(5000);
  expect(drawn()).toHaveLength(length);
});

test('work of unknown length shows the time it has taken', async () => {
  const { stream, drawn } = terminal();
  await withProgress(
    'waiting',
    undefined,
    async () => {
      await elapse(1400);
      expect(drawn()).toBe('');
      await elapse(3600);
      expect(drawn()).toContain('waiting … 5 s');
      expect(drawn()).not.toContain('%');
    },
    { stream },
  );
});

test('work that computes between ticks shows its bar by them', async () => {
  const { stream, drawn } = terminal();
  await withProgress(
    'computing',
    2,
    async (tick) => {
      vi.setSystemTime(Date.now() + 2000);
      vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 2000);
      tick();
      expect(drawn()).toContain('1/2');
    },
    { stream },
  );
  vi.restoreAllMocks();
});

test.each([
  ['the work is short', 1000, terminal(), {}, {}],
  ['stderr is no terminal', 3000, terminal(false), {}, {}],
  ['the output is JSON', 3000, terminal(), { json: true }, {}],
  ['the terminal cannot draw', 3000, terminal(), {}, { TERM: 'dumb' }],
] as const)('no bar where %s', async (_, milliseconds, { stream, drawn }, options, env) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  await withProgress(
    'quiet',
    2,
    async (tick) => {
      tick();
      await elapse(milliseconds);
      tick();
    },
    { stream, ...options },
  );
  expect(drawn()).toBe('');
});

test('an error ends the bar and passes through', async () => {
  const { stream, drawn } = terminal();
  const work = withProgress(
    'failing',
    2,
    async () => {
      await elapse(2000);
      throw new RangeError('as it must');
    },
    { stream },
  );
  await expect(work).rejects.toThrow(RangeError);
  const { length } = drawn();
  await elapse(5000);
  expect(length).toBeGreaterThan(0);
  expect(drawn()).toHaveLength(length);
});
