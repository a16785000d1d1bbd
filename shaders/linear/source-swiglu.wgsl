// SwiGLU, r(silu(gate) * up), as the source of block.wgsl.
// Needs: gates-*.wgsl, activation.wgsl (as SILU) and what they need.

// The f32 bits of eight elements from (row, col) on.
fn source_eight(row : u32, col : u32) -> Eight {
  var values = array_of_eight(gate_eight(row, col));
  let ups = array_of_eight(up_eight(row, col));
  for (var i = 0u; i < 8u; i++) { values[i] = multiply_bits(activated(values[i]), ups[i]); }
  return eight_of_array(values);
}
