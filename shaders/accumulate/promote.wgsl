// Promotion of four outputs at once in f32 arithmetic. Needs: format.wgsl.
// Constants: NATIVE_FMA, whether this adapter's fma() was found to round once; TRANSFORMER_ENGINE, the order:
// fma(r(partial * scale_a), scale_b, acc) instead of fma(r(scale_a * scale_b), partial, acc).
//
// Sums and products of numbers far from f32's limits are rounded to nearest here: kernels with this file are
// chosen only where that was found. Whatever comes near the limits is left to integers: promotes() tells.

// 2^-60 and 2^100: within, no error term below is a subnormal, which an adapter may flush, and nothing overflows.
const SMALL_BITS : u32 = 67u << 23u;
const LARGE_BITS : u32 = 227u << 23u;

fn within(value : vec4<f32>) -> vec4<bool> {
  let size = bitcast<vec4<u32>>(value) & vec4<u32>(~F32_SIGN);
  return (size - vec4<u32>(SMALL_BITS)) <= vec4<u32>(LARGE_BITS - SMALL_BITS);
}

fn is_zero(value : vec4<f32>) -> vec4<bool> {
  return (bitcast<vec4<u32>>(value) & vec4<u32>(~F32_SIGN)) == vec4<u32>();
}

// A sum, rounded, and what it lacks of the exact one (Knuth's TwoSum).
fn two_sum_error(a : vec4<f32>, b : vec4<f32>, sum : vec4<f32>) -> vec4<f32> {
  let part_of_b = sum - a;
  return (a - (sum - part_of_b)) + (b - part_of_b);
}

// The upper 12 bits of an f32 (Veltkamp).
fn upper_half(a : vec4<f32>) -> vec4<f32> {
  let shifted = a * 4097.0;
  return shifted - (shifted - a);
}

// fma() with one rounding out of operations with one each: Boldo and Melquiond, "Emulation of FMA and correctly
// rounded sums: proved algorithms using rounding to odd", 2008.
fn fma_emulated(a : vec4<f32>, b : vec4<f32>, c : vec4<f32>) -> vec4<f32> {
  let product = a * b;
  let a_high = upper_half(a);
  let a_low = a - a_high;
  let b_high = upper_half(b);
  let b_low = b - b_high;
  let product_error = a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low);

  let small_sum = c + product_error;
  let small_error = two_sum_error(c, product_error, small_sum);
  let sum = product + small_sum;
  let sum_error = two_sum_error(product, small_sum, sum);
  let rest = small_error + sum_error;
  let rest_error = two_sum_error(small_error, sum_error, rest);

  // `rest` rounded to odd: where it is not exact and ends in an even bit, its neighbour on the other side of the
  // exact value.
  let bits = bitcast<vec4<u32>>(rest);
  let away = (bitcast<vec4<u32>>(rest_error) ^ bits) < vec4<u32>(F32_SIGN);
  let odd = select(bits - 1u, bits + 1u, away);
  let inexact = !is_zero(rest_error) & ((bits & vec4<u32>(1u)) == vec4<u32>());
  return sum + bitcast<vec4<f32>>(select(bits, odd, inexact));
}

fn promote_factor(partial : vec4<f32>, a : f32, b : vec4<f32>) -> vec4<f32> {
  return select(b, partial, TRANSFORMER_ENGINE) * a;
}

// Four outputs with one scale of A and four of B.
fn promote(acc : vec4<f32>, partial : vec4<f32>, a : f32, b : vec4<f32>) -> vec4<f32> {
  let x = promote_factor(partial, a, b);
  let y = select(partial, b, TRANSFORMER_ENGINE);
  if (NATIVE_FMA) { return fma(x, y, acc); }
  return fma_emulated(x, y, acc);
}

// Whether promote() gave `result` far from f32's limits: then it is right in every bit.
fn promotes(acc : vec4<f32>, partial : vec4<f32>, a : f32, b : vec4<f32>, result : vec4<f32>) -> bool {
  // Nothing to add is near no limit either.
  let nothing = is_zero(partial) & within(vec4<f32>(a)) & within(b);
  let factor = within(promote_factor(partial, a, b)) | nothing;
  return all(factor & (within(result) | (nothing & is_zero(acc))));
}
