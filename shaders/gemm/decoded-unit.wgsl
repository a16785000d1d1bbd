// What a thread brings to a step where decode-pass.wgsl has made halves of the codes already: in place of
// halves-unit.wgsl and matrix-fill-f16.wgsl. Needs: operands.wgsl, matrix-tile.wgsl.
@group(0) @binding(9) var<storage, read> a_decoded : array<vec4<u32>>;
@group(0) @binding(10) var<storage, read> b_decoded : array<vec4<u32>>;

const SEGMENT_WORDS : u32 = 2u;

struct Unit {
  low : vec4<u32>,
  high : vec4<u32>,
}

// Nothing from segment `end` on.
fn fetch_row(side : u32, f : Format, row : u32, segment : u32, end : u32) -> Unit {
  if (segment >= end) { return Unit(); }
  let at = 2u * (row * params.steps + segment);
  if (side == A) { return Unit(a_decoded[at], a_decoded[at + 1u]); }
  return Unit(b_decoded[at], b_decoded[at + 1u]);
}

// The segment from word `at` on.
fn fill_segment(f : Format, at : u32, unit : Unit) {
  let word = min(at, TILE_WORDS - SEGMENT_WORDS);
  tile[word] = unit.low;
  tile[word + 1u] = unit.high;
}
