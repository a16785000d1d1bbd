import { describe, expect, test } from 'vitest';
import { type AccumulateOptions, planAccumulation } from '../../src/accumulate/plan.js';
import { customProfile } from '../../src/accumulate/profile.js';
import { type GranularityName, granularityByName } from '../../src/quantize/granularity.js';

function plan(options: Partial<AccumulateOptions>, k = 1024, granularity: GranularityName = '1x128') {
  const kind = granularityByName(granularity);
  return planAccumulation(k, kind, kind, { accumulator: 'hopper-wgmma', ...options });
}

test('the order of DeepSeek-V3 is the default, and narrower scales shorten it', () => {
  expect(plan({})).toMatchObject({ promotion: 'fused', interval: 128, splits: [0, 1024] });
  expect(plan({}, 1024, '1x32')).toMatchObject({ interval: 32 });
  expect(plan({ promote: 'none', splitK: 3 }, 700, 'row')).toMatchObject({
    interval: 700,
    splits: [0, 256, 512, 700],
  });
});

describe('what cannot be is refused with what can', () => {
  test.each<[Partial<AccumulateOptions>, GranularityName, number, RegExp]>([
    [
      { accumulator: null as never },
      'row',
      64,
      /^accumulator is null; allowed: hopper-wgmma, .*, or a profile$/,
    ],
    [{ accumulator: {} as never }, 'row', 64, /^accumulator is Object; allowed: /],
    [{ promote: 100 }, 'row', 1024, /^promote is 100; allowed: a multiple of 32$/],
    [{ promote: 256 }, '1x128', 64, /^promote is 256; .* up to 128, the width of a scale tile$/],
    [{ promote: 96 }, '1x128', 1024, /^promote is 96; allowed: a divisor of 128/],
    [{ promote: 'none' }, '1x32', 64, /^promote is "none"; .* scales change every 32 of K$/],
    [
      { accumulator: customProfile(64, 13, 13), promote: 32 },
      'row',
      1024,
      /^promote is 32; allowed: a multiple of 64, the products of a step$/,
    ],
    [
      { accumulator: customProfile(64, 13, 13) },
      '1x32',
      1024,
      /^accumulator is "custom with 64 products a step"; allowed: steps of at most 32, because scales change/,
    ],
    [{ splitK: 9 }, 'row', 1024, /^splitK is 9; allowed: 1 to 8 for K = 1024, parts of at least 128$/],
  ])('%o of %s scales', (options, granularity, k, message) => {
    expect(() => plan(options, k, granularity)).toThrow(message);
  });
});
