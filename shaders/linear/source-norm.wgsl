// RMSNorm, r(r(x * inverse RMS of its row) * gain of its column), as the source of block.wgsl.
// Needs: plain-at.wgsl, multiply.wgsl and what they need.
// params.source.x: elements from row to row, a multiple of 8.
// plain-at.wgsl binds x at 1. f32 bits, of each row; and of each column, padded to a multiple of 8.
@group(0) @binding(2) var<storage, read> inverses : array<u32>;
@group(0) @binding(3) var<storage, read> gains : array<vec4<u32>>;

// The f32 bits of eight elements from (row, col) on.
fn source_eight(row : u32, col : u32) -> Eight {
  var values = array_of_eight(plain_at((row * params.source.x + col) / 8u));
  let gain = array_of_eight(Eight(gains[col / 4u], gains[col / 4u + 1u]));
  for (var i = 0u; i < 8u; i++) {
    values[i] = multiply_bits(multiply_bits(values[i], inverses[row]), gain[i]);
  }
  return eight_of_array(values);
}
