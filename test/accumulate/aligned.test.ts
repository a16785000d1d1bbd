import { expect, test } from 'vitest';
import { customProfile, profiles } from '../../src/accumulate/profile.js';
import { alignedObstacle } from '../../src/accumulate/shader.js';
import { e4m3 } from '../../src/format/formats.js';

test('the fast sum leaves profiles to the other that steps of zeros would cut', () => {
  // K = 16 in steps of 8 is filled up to 32 with two steps of zeros, and 10 bits do not survive 9.
  expect(alignedObstacle(customProfile(8, 9, 10), e4m3, e4m3)).toMatch(
    /steps of zeros .* sums of 10 bits to 9/,
  );
  for (const profile of [customProfile(8, 10, 10), customProfile(32, 9, 10), profiles['ada-mma']])
    expect(alignedObstacle(profile, e4m3, e4m3)).toBeUndefined();
});
