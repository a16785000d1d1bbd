// What a thread brings to a step, and its values as halves, for kernels whose tiles hold halves. Needs: operands.wgsl
// and what it needs, halves.wgsl, one of scale-halves-*.wgsl. Constant: HALVES (unpack2x16float() keeps this adapter's
// subnormal halves).
//
// Within every four elements of K the order is 0, 2, 1, 3, in A as in B: halves.wgsl gives them so.
struct Unit {
  segment : Segment,
  factor : f32,
}

// Four values times the unit's factor, rounded to halves.
fn quad_halves(f : Format, unit : Unit, quad : u32) -> vec2<u32> {
  var halves = vec2<u32>();
  if (code_width(f) == 8u) {
    halves = word_halves(f, unit.segment.low[quad]);
  } else {
    halves = code_halves(f, segment_codes(f, unit.segment, quad));
  }
  var scaled = vec2<u32>();
  if (HALVES) {
    let factor = unit.factor * half_unit(f);
    scaled = vec2<u32>(scale_halves(halves.x, factor), scale_halves(halves.y, factor));
  } else {
    let four = decode_quad(f, unit.segment, quad) * unit.factor;
    scaled = vec2<u32>(pack2x16float(four.xz), pack2x16float(four.yw));
  }
  // WGSL does not say what packing makes of an infinity, nor of the other half beside it.
  if (f.infinity_code != NO_CODE) { return with_specials(scaled, halves, 0u) | with_specials(scaled, halves, 16u); }
  return scaled;
}

// The halves at `place` (0 or 16) of two words, infinities and NaN as they were before they were scaled.
fn with_specials(scaled : vec2<u32>, halves : vec2<u32>, place : u32) -> vec2<u32> {
  let field = vec2<u32>(0x7c00u << place);
  let mask = vec2<u32>(0xffffu << place);
  return select(scaled, halves, (halves & field) == field) & mask;
}
