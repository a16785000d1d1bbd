// Segments of codes as halves in the tile of the matrix kernels. Needs: matrix-tile.wgsl, halves-unit.wgsl.
const SEGMENT_WORDS : u32 = 2u;

// Words of eight values.
const EIGHT_WORDS : u32 = 1u;

// The segment's values times its factor, rounded to halves, from word `at` on.
fn fill_segment(f : Format, at : u32, unit : Unit) {
  fill_half(f, at, 0u, unit);
  fill_half(f, at + EIGHT_WORDS, 1u, unit);
}

// The same of its first eight codes or, where `part` is 1, of the others.
fn fill_half(f : Format, at : u32, part : u32, unit : Unit) {
  tile[min(at, TILE_WORDS - 1u)] = vec4<u32>(quad_halves(f, unit, 2u * part), quad_halves(f, unit, 2u * part + 1u));
}

// The values of the codes, a byte each, of two words, at word `at`.
fn fill_eight(f : Format, at : u32, codes : vec2<u32>) {
  tile[min(at, TILE_WORDS - 1u)] = vec4<u32>(byte_halves(f, codes.x, 1.0), byte_halves(f, codes.y, 1.0));
}
