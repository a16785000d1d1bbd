// Segments of codes as halves in the tile of the matrix kernels. Needs: matrix-tile.wgsl, halves-unit.wgsl.
const SEGMENT_WORDS : u32 = 2u;

// The segment's values times its factor, rounded to halves, from word `at` on.
fn fill_segment(f : Format, at : u32, unit : Unit) {
  let word = min(at, TILE_WORDS - SEGMENT_WORDS);
  tile[word] = vec4<u32>(quad_halves(f, unit, 0u), quad_halves(f, unit, 1u));
  tile[word + 1u] = vec4<u32>(quad_halves(f, unit, 2u), quad_halves(f, unit, 3u));
}
