// A plain matrix as the source of block.wgsl. Needs: format.wgsl, decode.wgsl, eight.wgsl, plain-eight.wgsl.
// params.source.x: elements from row to row, a multiple of 8.
@group(0) @binding(1) var<storage, read> plain : array<vec4<u32>>;

// The f32 bits of eight elements from (row, col) on.
fn source_eight(row : u32, col : u32) -> Eight {
  let at = (row * params.source.x + col) / 8u;
  if (!HALVES) { return Eight(plain[at * 2u], plain[at * 2u + 1u]); }
  return widened_eight(plain[at]);
}
