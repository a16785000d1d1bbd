/** @file Profiles as shaders: which files add up, with which constants. */

import alignedWgsl from '../../shaders/accumulate/aligned.wgsl?raw';
import promoteWgsl from '../../shaders/accumulate/promote.wgsl?raw';
import promoteBitsWgsl from '../../shaders/accumulate/promote-bits.wgsl?raw';
import specialWgsl from '../../shaders/accumulate/special.wgsl?raw';
import stepWgsl from '../../shaders/accumulate/step.wgsl?raw';
import sumExactWgsl from '../../shaders/accumulate/sum-exact.wgsl?raw';
import sumF32Wgsl from '../../shaders/accumulate/sum-f32.wgsl?raw';
import sumTruncatedWgsl from '../../shaders/accumulate/sum-truncated.wgsl?raw';
import { floorLog2 } from '../arithmetic/floor-log2.js';
import { arithmeticShaders } from '../arithmetic/shader.js';
import { type Format, minExponent } from '../format/format.js';
import { maxFinite } from '../format/formats.js';
import type { ShaderPart } from '../gpu/shader.js';
import type { NativeArithmetic } from '../probe/native.js';
import type { AccumulatePlan } from './plan.js';
import type { Profile } from './profile.js';

const { normalize, round, product, multiply, fma } = arithmeticShaders;
const promotionFiles = [normalize, round, product, multiply, fma, specialWgsl, promoteBitsWgsl];

/** Sums term by term, for any profile: sum_products() of the profile's kind, and promote_bits(). */
export function sumPart({ profile, promotion }: AccumulatePlan): ShaderPart {
  const constants = { TRANSFORMER_ENGINE: promotion === 'transformer-engine' };
  if (profile.fractionBits === Infinity) {
    if (profile.products === 1) return { files: [...promotionFiles, sumF32Wgsl], constants };
    return {
      files: [...promotionFiles, stepWgsl, sumExactWgsl],
      constants: { ...constants, ...unusedStepConstants },
    };
  }
  return {
    files: [...promotionFiles, stepWgsl, sumTruncatedWgsl],
    constants: {
      ...constants,
      ...truncationConstants(profile),
      PRODUCTS: profile.products,
      ADDED_CHAINING: profile.chaining === 'added',
    },
  };
}

/** sum-exact.wgsl takes terms apart as step.wgsl does, and leaves its sums alone. */
const unusedStepConstants = { FRACTION_BITS: 25, OUTPUT_BITS: 23 };

/** Sums four outputs at a time in f32, for profiles that alignedObstacle() has nothing against. */
export function alignedPart(
  { profile, promotion }: AccumulatePlan,
  a: Format,
  b: Format,
  native: NativeArithmetic,
): ShaderPart {
  return {
    files: [specialWgsl, alignedWgsl, promoteWgsl],
    constants: {
      ...truncationConstants(profile),
      PRODUCTS: profile.products,
      PRODUCT_BITS: productBits(a, b),
      TRANSFORMER_ENGINE: promotion === 'transformer-engine',
      NATIVE_FMA: native.fma,
    },
  };
}

/** Why aligned.wgsl cannot add up like this, as "it …"; undefined if it can. */
export function alignedObstacle(profile: Profile, a: Format, b: Format): string | undefined {
  if (profile.outputRounding !== 'toward-zero' || profile.chaining !== 'fused')
    return `it emulates profiles that truncate and chain in one sum, ${profile.name} does not`;
  if (![8, 16, 32].includes(profile.products))
    return `it adds 8, 16 or 32 products a step, not ${profile.products}`;
  // K is filled up with zeros to whole rounds of 32: steps that add nothing, but cut a sum to fractionBits.
  if (profile.products < 32 && profile.outputBits > profile.fractionBits)
    return `it may add steps of zeros at the end of K, which cut sums of ${profile.outputBits} bits to ${profile.fractionBits}`;
  const bits = profile.fractionBits + productBits(a, b) + 3;
  // Powers of 16 and eight of their products have to be f32s, and every product's exponent above unit_bits()'s least.
  const least = minExponent(a) + minExponent(b);
  const most = floorLog2(maxFinite(a)) + floorLog2(maxFinite(b));
  if (least < -31 || most > 31)
    return `it adds products from 2^-31 to 2^31; those of ${a.name} and ${b.name} lie from 2^${least} to 2^${most}`;
  if (bits > 24)
    return `it keeps sums in f32's 24 bits; ${profile.name} with ${a.name} and ${b.name} needs ${bits}`;
  return undefined;
}

/** Significant bits of a product of two codes. */
function productBits(a: Format, b: Format): number {
  return a.mantissaBits + b.mantissaBits + 2;
}

function truncationConstants({ fractionBits, outputBits }: Profile) {
  return { FRACTION_BITS: fractionBits, OUTPUT_BITS: outputBits };
}
