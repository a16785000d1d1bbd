// Promotion on bits: a partial sum is scaled and added to the f32 accumulator, with one rounding for the multiply-add.
// Needs: format.wgsl, normalize.wgsl, round.wgsl, product.wgsl, multiply.wgsl, fma.wgsl, special.wgsl.
// Constants: TRANSFORMER_ENGINE, the order: fma(r(partial * scale_a), scale_b, acc) instead of
// fma(r(scale_a * scale_b), partial, acc).

const F32_ONE : u32 = 0x3f800000u;

fn promote_bits(acc : u32, partial : u32, a : u32, b : u32) -> u32 {
  var result = 0u;
  if (TRANSFORMER_ENGINE) {
    result = fma_bits(multiply_bits(partial, a), b, acc);
  } else {
    result = fma_bits(multiply_bits(a, b), partial, acc);
  }
  return with_nvidia_nan(result);
}

// r(x + y).
fn add_bits(x : u32, y : u32) -> u32 {
  return with_nvidia_nan(fma_bits(x, F32_ONE, y));
}

fn with_nvidia_nan(bits : u32) -> u32 {
  return select(bits, TENSOR_CORE_NAN, (bits & ~F32_SIGN) > F32_INFINITY);
}
