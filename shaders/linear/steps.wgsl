// The f32 operations of activations and norms on bits, each rounded once to nearest even, so that every adapter gives
// the bits of the oracle. Needs: format.wgsl, fma.wgsl, multiply.wgsl and what they need.
// Constants: NATIVE (the adapter's own arithmetic was seen to round so; else integers compute).
//
// Operands and results are zeros or normal numbers, or so small beside what they are added to that flushing them
// changes nothing; fused_step_of_any() is for all others.
const ONE : u32 = 0x3f800000u;

fn fused_step(a : u32, b : u32, c : u32) -> u32 {
  if (NATIVE) { return bitcast<u32>(fma(bitcast<f32>(a), bitcast<f32>(b), bitcast<f32>(c))); }
  return fma_bits(a, b, c);
}

fn add_step(a : u32, b : u32) -> u32 {
  if (NATIVE) { return bitcast<u32>(bitcast<f32>(a) + bitcast<f32>(b)); }
  return fma_bits(ONE, a, b);
}

// r(a * b + c) of whatever there may be. Where operands are zeros or normal numbers and so is the result, other than
// zero and than the least, an adapter has had nothing to flush, and no infinity or NaN to take for impossible.
fn fused_step_of_any(a : u32, b : u32, c : u32) -> u32 {
  if (NATIVE && !is_rare(a) && !is_rare(b) && !is_rare(c)) {
    let result = bitcast<u32>(fma(bitcast<f32>(a), bitcast<f32>(b), bitcast<f32>(c)));
    if ((result & ~F32_SIGN) > LEAST_NORMAL && !is_rare(result)) { return result; }
  }
  return fma_bits(a, b, c);
}

const LEAST_NORMAL : u32 = 0x00800000u;

// Whether it is subnormal, infinite or NaN.
fn is_rare(x : u32) -> bool {
  let magnitude = x & ~F32_SIGN;
  return magnitude >= F32_INFINITY || (magnitude != 0u && magnitude < LEAST_NORMAL);
}
