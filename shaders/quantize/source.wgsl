// Reading the matrix to be quantised. Needs: format.wgsl, decode.wgsl.
// Constants: HALVES (elements are 16 bits, two to a word), HALF_FORMAT (their format, where they are).
@group(0) @binding(1) var<storage, read> source : array<u32>;

// The f32 bits of an element, given its index with the padding of the rows counted.
fn source_bits(index : u32) -> u32 {
  if (!HALVES) { return source[index]; }
  let half = (source[index >> 1u] >> ((index & 1u) * 16u)) & 0xffffu;
  return decode_bits(HALF_FORMAT, half);
}
