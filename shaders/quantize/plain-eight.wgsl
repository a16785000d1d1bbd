// Eight elements of a plain matrix in f32 bits. Needs: format.wgsl, decode.wgsl, eight.wgsl.
// Constants: HALVES (elements are 16 bits, two to a word), HALF_FORMAT (their format, where they are).

// Eight elements of 16 bits, widened.
fn widened_eight(w : vec4<u32>) -> Eight {
  let low = w & vec4<u32>(0xffffu);
  let high = w >> vec4<u32>(16u);
  return Eight(
    vec4<u32>(widened(low.x), widened(high.x), widened(low.y), widened(high.y)),
    vec4<u32>(widened(low.z), widened(high.z), widened(low.w), widened(high.w)),
  );
}

fn widened(half : u32) -> u32 {
  return decode_bits(HALF_FORMAT, half);
}
