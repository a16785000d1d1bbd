import { describe, expect, test } from 'vitest';
import { profiles } from '../../src/accumulate/profile.js';
import { decode } from '../../src/format/decode.js';
import { e5m2, formats } from '../../src/format/formats.js';
import { accumulatorChecks, codePairsCheck, dotProductsCheck } from '../../src/verify/accumulator.js';
import type { Check } from '../../src/verify/check.js';
import { randomCodes } from '../../src/verify/random-codes.js';
import { openTestGpu } from '../adapter.js';
import { replaced, withDefect } from './defect.js';

const gpu = await openTestGpu();

/** A check's outcome and how often it ticked. */
async function run(check: Check) {
  let ticks = 0;
  const outcome = await check.run(gpu, () => ticks++);
  return { ...outcome, ticks };
}

/** Seven products of 9 x 9, which is less than the samples of a product are, and two emulators. */
const few = dotProductsCheck(7 * 81);
const pairs = codePairsCheck(profiles.blackwell, [['e4m3', 'e5m2']]);

describe('random dot products', () => {
  test('pass: both emulators agree, and with the oracle', async () => {
    expect(await run(few)).toEqual({
      checked: 7 * (81 + 2 * 64),
      mismatches: 0,
      detail: '567 dot products of up to 3072 products',
      ticks: few.steps,
    });
  });

  test('find a sum that the straightforward emulator starts from the wrong term', async () => {
    const { mismatches, detail } = await withDefect(gpu, replaced('step_note_f32(&step, term);', ''), () =>
      run(few),
    );
    expect(mismatches).toBeGreaterThan(0);
    expect(detail).toMatch(
      /^first: \(\d, \d\) of round \d \(\d+ e4m3 x e4m3 products, hopper-wgmma, .+\) is 0x/,
    );
  });
});

describe('every pair of codes', () => {
  test('passes, specials among them, and says who cannot compute it', async () => {
    const { detail, ...counts } = await run(pairs);
    expect(counts).toEqual({ checked: 65536, mismatches: 0, ticks: 1 });
    expect(detail).toMatch(
      /^every product of e4m3 and e5m2; not by emulated: it emulates profiles that truncate/,
    );
  });

  test('finds that infinity times zero is taken for infinity', async () => {
    const { mismatches, detail } = await withDefect(gpu, replaced(' || min(x_size, y_size) == 0u', ''), () =>
      run(pairs),
    );
    // The two infinities of e5m2 by the two zeros of e4m3.
    expect(mismatches).toBe(4);
    expect(detail).toBe('first: 0x0 of e4m3 and 0x7c of e5m2 give 0x7f800000 by stepwise, not 0x7fffffff');
  });
});

test('the checks are one of random dot products, sized by their count, and one for each profile', () => {
  expect(accumulatorChecks(1e8).map(({ name, steps }) => [name, steps])).toEqual([
    ['accumulator, random dot products', 24],
    ...Object.keys(profiles).map((name) => [`accumulator, every pair of codes, ${name}`, 3]),
  ]);
  expect(dotProductsCheck(1).steps).toBe(1);
});

test('random operands hold every finite code, rows of all densities, and specials where asked for', () => {
  const options = { format: e5m2, granularity: '1x128', seed: 1, specials: false } as const;
  const plain = randomCodes(64, 1000, options);
  const finite = Array.from({ length: 256 }, (_, code) => code).filter((code) =>
    Number.isFinite(decode(formats.e5m2, code)),
  );
  expect([...new Set(plain.codes)].sort((x, y) => x - y)).toEqual(finite);
  const nonzero = Array.from(
    { length: 64 },
    (_, row) => [...plain.codes.subarray(row * 1000, (row + 1) * 1000)].filter((code) => code !== 0).length,
  );
  expect(Math.max(...nonzero)).toBeGreaterThan(950);
  expect(Math.min(...nonzero)).toBeLessThan(60);
  const spoilt = randomCodes(64, 1000, { ...options, specials: true });
  const special = [...spoilt.codes].filter((code) => !finite.includes(code));
  expect(special).toHaveLength(4);
  expect(new Set(plain.scales).size).toBe(64 * 8);
});
