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

test('short work has no bar', async () => {
  const { stream, drawn } = terminal();
  await withProgress('quick', 2, () => elapse(1000), { stream });
  expect(drawn()).toBe('');
});

test.each([
  ['stderr is no terminal', terminal(false), {}, {}],
  ['the output is JSON', terminal(), { json: true }, {}],
  ['the terminal cannot draw', terminal(), {}, { TERM: 'dumb' }],
] as const)('where %s, a line now and then instead of a bar', async (_, { stream, drawn }, options, env) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  await withProgress(
    'measuring',
    4,
    async (tick) => {
      tick();
      await elapse(14_000);
      expect(drawn()).toBe('');
      await elapse(2000);
      expect(drawn()).toBe('measuring … 25% after 15 s\n');
      tick(2);
      await elapse(15_000);
      expect(drawn()).toBe('measuring … 25% after 15 s\nmeasuring … 75% after 30 s\n');
    },
    { stream, ...options },
  );
  await withProgress('waiting', undefined, () => elapse(16_000), { stream, ...options });
  expect(drawn()).toMatch(/waiting … after 15 s\n$/);
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
