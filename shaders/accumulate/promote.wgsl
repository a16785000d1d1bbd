// Promotion of four outputs at once, in the adapter's own arithmetic where that is known to give the bits, and on
// bits otherwise. Needs: promote-bits.wgsl and what it needs, specials.wgsl.
// Constants: NATIVE_FMA, whether this adapter's products and fma() were found to be rounded once, to nearest even.

// 2^-100 and 2^100: within, no subnormal that an adapter may flush and no overflow takes part.
const SMALL_BITS : u32 = 27u << 23u;
const LARGE_BITS : u32 = 227u << 23u;

fn within(value : vec4<f32>) -> vec4<bool> {
  let size = bitcast<vec4<u32>>(value) & vec4<u32>(~F32_SIGN);
  return (size - vec4<u32>(SMALL_BITS)) <= vec4<u32>(LARGE_BITS - SMALL_BITS);
}

fn is_zero(value : vec4<f32>) -> vec4<bool> {
  return (bitcast<vec4<u32>>(value) & vec4<u32>(~F32_SIGN)) == vec4<u32>();
}

// Four outputs with one scale of A and four of B; their bits in `specials` begin at `bit`.
fn promote(acc : vec4<f32>, partial : vec4<f32>, a : f32, b : vec4<f32>, specials : Specials, bit : u32) -> vec4<f32> {
  let special = ((specials.plus | specials.minus | specials.nan) >> bit) & 15u;
  if (NATIVE_FMA && special == 0u) {
    let first = select(b, partial, TRANSFORMER_ENGINE) * a;
    let result = fma(first, select(partial, b, TRANSFORMER_ENGINE), acc);
    // Nothing to add is no subnormal either.
    let nothing = is_zero(partial) & within(vec4<f32>(a)) & within(b);
    if (all((within(first) | nothing) & (within(result) | (nothing & is_zero(acc))))) { return result; }
  }
  var result = bitcast<vec4<u32>>(acc);
  for (var i = 0u; i < 4u; i++) {
    let sum = special_sum(specials_of(specials, bit + i), bitcast<u32>(partial[i]));
    result[i] = promote_bits(result[i], sum, bitcast<u32>(a), bitcast<u32>(b[i]));
  }
  return bitcast<vec4<f32>>(result);
}

// r(x + y).
fn add_f32(x : vec4<f32>, y : vec4<f32>) -> vec4<f32> {
  if (NATIVE_FMA) {
    let sum = x + y;
    if (all(within(sum))) { return sum; }
  }
  var result = vec4<u32>();
  for (var i = 0u; i < 4u; i++) { result[i] = add_bits(bitcast<u32>(x[i]), bitcast<u32>(y[i])); }
  return bitcast<vec4<f32>>(result);
}
