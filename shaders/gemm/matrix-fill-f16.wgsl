// Segments of codes as halves in the tile of the matrix kernels. Needs: matrix-tile.wgsl, halves-unit.wgsl.
const SEGMENT_WORDS : u32 = 2u;

// Words of eight values.
const EIGHT_WORDS : u32 = 1u;

// The segment's values times its factor, rounded to halves, from word `at` on.
fn fill_segment(f : Format, at : u32, unit : Unit) {
  let word = min(at, TILE_WORDS - SEGMENT_WORDS);
  tile[word] = vec4<u32>(quad_halves(f, unit, 0u), quad_halves(f, unit, 1u));
  tile[word + 1u] = vec4<u32>(quad_halves(f, unit, 2u), quad_halves(f, unit, 3u));
}

// The values of the codes, a byte each, of two words, at word `at`.
fn fill_eight(f : Format, at : u32, codes : vec2<u32>) {
  tile[min(at, TILE_WORDS - 1u)] = vec4<u32>(byte_halves(f, codes.x, 1.0), byte_halves(f, codes.y, 1.0));
}
