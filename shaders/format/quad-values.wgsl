// Four of a segment's codes as f32s. Needs: operands.wgsl and what it needs, halves.wgsl.

// The values of codes 4 * quad to 4 * quad + 3. By way of halves, in a third of the instructions, where `halves` says
// that the format's values are halves times a power of two and the adapter's unpack2x16float() keeps subnormal ones.
fn quad_values(f : Format, halves : bool, segment : Segment, quad : u32) -> vec4<f32> {
  if (!halves) { return decode_quad(f, segment, quad); }
  let words = word_halves(f, segment.low[quad]);
  let even = unpack2x16float(words.x);
  let odd = unpack2x16float(words.y);
  return vec4<f32>(even.x, odd.x, even.y, odd.y) * half_unit(f);
}
