// Segments of codes as f32s in the tile of the matrix kernels, for matrix units that multiply f32.
// Needs: matrix-tile.wgsl, halves-unit.wgsl.
const SEGMENT_WORDS : u32 = 4u;

// The segment's values times its factor, from word `at` on.
fn fill_segment(f : Format, at : u32, unit : Unit) {
  let word = min(at, TILE_WORDS - SEGMENT_WORDS);
  for (var quad = 0u; quad < 4u; quad++) {
    tile[word + quad] = bitcast<vec4<u32>>(decode_quad(f, unit.segment, quad) * unit.factor);
  }
}
