// Segments of codes as halves in the tile of the matrix kernels. Needs: matrix-tile.wgsl, halves.wgsl, one of
// scale-halves-*.wgsl. Constants: HALVES (unpack2x16float() keeps this adapter's subnormal halves).
//
// Within every four elements of K the order is 0, 2, 1, 3, in A as in B: halves.wgsl gives them so.
const SEGMENT_WORDS : u32 = 2u;

// The segment's values times its factor, rounded to halves, from word `at` on.
fn fill_segment(f : Format, at : u32, values : Unit) {
  let q0 = quad_halves(f, values, 0u);
  let q1 = quad_halves(f, values, 1u);
  let q2 = quad_halves(f, values, 2u);
  let q3 = quad_halves(f, values, 3u);
  tile[at] = vec4<u32>(q0, q1);
  tile[at + 1u] = vec4<u32>(q2, q3);
}

fn quad_halves(f : Format, values : Unit, quad : u32) -> vec2<u32> {
  if (!HALVES) {
    let four = decode_quad(f, values.segment, quad) * values.factor;
    return vec2<u32>(pack2x16float(four.xz), pack2x16float(four.yw));
  }
  let factor = values.factor * half_unit(f);
  var halves = vec2<u32>();
  if (code_width(f) == 8u) {
    halves = word_halves(f, values.segment.low[quad]);
  } else {
    halves = code_halves(f, segment_codes(f, values.segment, quad));
  }
  return vec2<u32>(scale_halves(halves.x, factor), scale_halves(halves.y, factor));
}
