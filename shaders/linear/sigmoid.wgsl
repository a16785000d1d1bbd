// 1 / (1 + exp(-x)), and the same of -x, on bits. Needs: steps.wgsl, divide.wgsl and what they need.
// The oracle is src/linear/sigmoid.ts, which says how each step is chosen and what the result's error is.

struct Sigmoids {
  // Of x, and of -x.
  here : u32,
  opposite : u32,
}

// Of degree 7 down to 0: 1 / 5040 to 1.
const EXP_COEFFICIENTS = array<u32, 8>(
  0x39500d01u, 0x3ab60b61u, 0x3c088889u, 0x3d2aaaabu, 0x3e2aaaabu, 0x3f000000u, 0x3f800000u, 0x3f800000u,
);
const LOG2_E : u32 = 0x3fb8aa3bu;
// ln(2) = LN2_HIGH + LN2_LOW; the first has 15 bits, so that its product with a small integer is exact.
const LN2_HIGH : u32 = 0x3f317200u;
const LN2_LOW : u32 = 0x35bfbe8eu;
// 87: from here on exp(-x) counts as 0.
const LARGE : u32 = 0x42ae0000u;

// `x` is no NaN.
fn sigmoids(x : u32) -> Sigmoids {
  let magnitude = x & ~F32_SIGN;
  var near = ONE;
  var far = 0u;
  if (magnitude < LARGE) {
    let e = exp_of_negative(magnitude | F32_SIGN);
    let sum = add_step(ONE, e);
    near = divide_bits(ONE, sum);
    far = divide_bits(e, sum);
  }
  if (x == magnitude) { return Sigmoids(near, far); }
  return Sigmoids(far, near);
}

// exp(t) for t from -87 to 0.
fn exp_of_negative(t : u32) -> u32 {
  let n = round(bitcast<f32>(multiply_bits(t, LOG2_E)));
  let negative_n = bitcast<u32>(-n);
  let r = fused_step(negative_n, LN2_LOW, fused_step(negative_n, LN2_HIGH, t));
  var p = EXP_COEFFICIENTS[0];
  for (var i = 1u; i < 8u; i++) { p = fused_step(p, r, EXP_COEFFICIENTS[i]); }
  // Times 2^n, by the exponent.
  return p + (u32(i32(n)) << 23u);
}
