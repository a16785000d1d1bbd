// The gradient of RMSNorm with respect to its input, r(inverse * r(dz - z * mean)), as the source of block.wgsl. The
// oracle is src/linear/rms-norm-gradient.ts. Needs: plain-at.wgsl, gradient-eight.wgsl, steps.wgsl and what they
// need. params.source.x and .y: elements from row to row of x and of dy, multiples of 8.
// plain-at.wgsl binds x at 1. f32 bits: of each row its inverse root mean square and its mean of dz * z; of each
// column, padded to a multiple of 8.
@group(0) @binding(2) var<storage, read> factors : array<vec2<u32>>;
@group(0) @binding(3) var<storage, read> gains : array<vec4<u32>>;

// The f32 bits of eight elements from (row, col) on.
fn source_eight(row : u32, col : u32) -> Eight {
  let x = array_of_eight(plain_at((row * params.source.x + col) / 8u));
  let gain = array_of_eight(Eight(gains[col / 4u], gains[col / 4u + 1u]));
  var values = array_of_eight(gradient_eight((row * params.source.y + col) / 8u));
  let inverse = factors[row].x;
  let mean = factors[row].y;
  for (var i = 0u; i < 8u; i++) {
    let z = multiply_bits(x[i], inverse);
    let dz = multiply_bits(values[i], gain[i]);
    values[i] = multiply_bits(inverse, fused_step_of_any(z ^ F32_SIGN, mean, dz));
  }
  return eight_of_array(values);
}
