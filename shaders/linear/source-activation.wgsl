// An activation of a plain matrix as the source of block.wgsl.
// Needs: plain-eight.wgsl, activation.wgsl and what they need.
// params.source.x: elements from row to row, a multiple of 8.
@group(0) @binding(1) var<storage, read> plain : array<vec4<u32>>;

// The f32 bits of eight elements from (row, col) on.
fn source_eight(row : u32, col : u32) -> Eight {
  let at = (row * params.source.x + col) / 8u;
  var words = plain[at * select(2u, 1u, HALVES)];
  var e = Eight();
  if (HALVES) { e = widened_eight(words); } else { e = Eight(words, plain[at * 2u + 1u]); }
  var values = array_of_eight(e);
  for (var i = 0u; i < 8u; i++) { values[i] = activated(values[i]); }
  return eight_of_array(values);
}
