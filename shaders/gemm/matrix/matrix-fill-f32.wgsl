// Segments of codes as f32s in the tile of the matrix kernels, for matrix units that multiply f32.
// Needs: matrix-tile.wgsl, halves-unit.wgsl.
const SEGMENT_WORDS : u32 = 4u;

// Words of eight values.
const EIGHT_WORDS : u32 = 2u;

// The segment's values times its factor, from word `at` on.
fn fill_segment(f : Format, at : u32, unit : Unit) {
  fill_half(f, at, 0u, unit);
  fill_half(f, at + EIGHT_WORDS, 1u, unit);
}

// The same of its first eight codes or, where `part` is 1, of the others.
fn fill_half(f : Format, at : u32, part : u32, unit : Unit) {
  let word = min(at, TILE_WORDS - EIGHT_WORDS);
  for (var quad = 0u; quad < 2u; quad++) {
    tile[word + quad] = bitcast<vec4<u32>>(decode_quad(f, unit.segment, 2u * part + quad) * unit.factor);
  }
}

// The values of the codes, a byte each, of two words, from word `at` on.
fn fill_eight(f : Format, at : u32, codes : vec2<u32>) {
  let word = min(at, TILE_WORDS - EIGHT_WORDS);
  tile[word] = bitcast<vec4<u32>>(decode4(f, bytes_of(codes.x)));
  tile[word + 1u] = bitcast<vec4<u32>>(decode4(f, bytes_of(codes.y)));
}
