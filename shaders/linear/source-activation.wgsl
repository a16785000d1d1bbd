// An activation of a plain matrix as the source of block.wgsl.
// Needs: plain-at.wgsl, activation.wgsl and what they need.
// params.source.x: elements from row to row, a multiple of 8.

// The f32 bits of eight elements from (row, col) on.
fn source_eight(row : u32, col : u32) -> Eight {
  var values = array_of_eight(plain_at((row * params.source.x + col) / 8u));
  for (var i = 0u; i < 8u; i++) { values[i] = activated(values[i]); }
  return eight_of_array(values);
}
