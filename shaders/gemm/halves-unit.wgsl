// What a thread brings to a step, and its values as halves, for kernels whose tiles hold halves. Needs: operands.wgsl
// and what it needs, halves.wgsl, one of scale-halves-*.wgsl. Constant: UNPACKS (unpack2x16float() keeps this adapter's
// subnormal halves).
//
// Within every four elements of K the order is 0, 2, 1, 3, in A as in B: halves.wgsl gives them so.
struct Unit {
  segment : Segment,
  factor : f32,
}

// Four values times the unit's factor, rounded to halves.
fn quad_halves(f : Format, unit : Unit, quad : u32) -> vec2<u32> {
  if (code_width(f) == 8u) { return byte_halves(f, unit.segment.low[quad], unit.factor); }
  let codes = segment_codes(f, unit.segment, quad);
  return scaled_halves(f, code_halves(f, codes), codes, unit.factor);
}

// The same of the four codes, a byte each in any format, of a word.
fn byte_halves(f : Format, word : u32, factor : f32) -> vec2<u32> {
  let codes = bytes_of(word);
  if (code_width(f) == 8u) { return scaled_halves(f, word_halves(f, word), codes, factor); }
  return scaled_halves(f, code_halves(f, codes), codes, factor);
}

fn bytes_of(word : u32) -> vec4<u32> {
  return (vec4<u32>(word) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(255u);
}

// Of four codes, given their halves as halves.wgsl has them.
fn scaled_halves(f : Format, halves : vec2<u32>, codes : vec4<u32>, factor : f32) -> vec2<u32> {
  var scaled = vec2<u32>();
  if (UNPACKS) {
    let all = factor * half_unit(f);
    scaled = vec2<u32>(scale_halves(halves.x, all), scale_halves(halves.y, all));
  } else {
    let four = decode4(f, codes) * factor;
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
