// The gradient of a loss with respect to a result, a plain matrix, of a type of its own beside the inputs'.
// Needs: format.wgsl, decode.wgsl, eight.wgsl.
// Constants: GRADIENT (a binding), GRADIENT_HALVES and GRADIENT_FORMAT (elements are 16 bits, two to a word, of that
// format).
@group(0) @binding(GRADIENT) var<storage, read> gradient : array<vec4<u32>>;

// The f32 bits of eight elements, number `at` of the matrix with the padding of the rows counted.
fn gradient_eight(at : u32) -> Eight {
  if (!GRADIENT_HALVES) { return Eight(gradient[at * 2u], gradient[at * 2u + 1u]); }
  let low = gradient[at] & vec4<u32>(0xffffu);
  let high = gradient[at] >> vec4<u32>(16u);
  return Eight(
    vec4<u32>(half_of(low.x), half_of(high.x), half_of(low.y), half_of(high.y)),
    vec4<u32>(half_of(low.z), half_of(high.z), half_of(low.w), half_of(high.w)),
  );
}

fn half_of(half : u32) -> u32 {
  return decode_bits(GRADIENT_FORMAT, half);
}
