// Four elements of a plain matrix in f32 bits, for shaders that quantise in one pass. Needs: format.wgsl, decode.wgsl,
// and params with `cols` and `pitch` (elements from row to row, a multiple of 8). Constants: HALVES (elements are 16
// bits, two to a word), HALF_FORMAT (their format, where they are).
@group(0) @binding(1) var<storage, read> source : array<vec4<u32>>;

// The f32 bits of four elements from an index, counted with the padding of the rows, that is a multiple of 4.
fn source4(index : u32) -> vec4<u32> {
  if (!HALVES) { return source[index / 4u]; }
  let eight = source[index / 8u];
  let pairs = select(eight.xy, eight.zw, (index & 4u) != 0u);
  let halves = vec4<u32>(pairs.x & 0xffffu, pairs.x >> 16u, pairs.y & 0xffffu, pairs.y >> 16u);
  var bits = vec4<u32>();
  for (var i = 0u; i < 4u; i++) { bits[i] = decode_bits(HALF_FORMAT, halves[i]); }
  return bits;
}

// Four elements of a row; 0 from column `cols` on, where the padding is undefined.
fn elements(row : u32, col : u32) -> vec4<u32> {
  if (col >= params.cols) { return vec4<u32>(); }
  let columns = vec4<u32>(col, col + 1u, col + 2u, col + 3u);
  return select(vec4<u32>(), source4(row * params.pitch + col), columns < vec4<u32>(params.cols));
}

fn largest_of(values : vec4<u32>) -> u32 {
  // Bits of magnitudes are ordered as they are, NaN above infinity.
  let bits = values & vec4<u32>(0x7fffffffu);
  return max(max(bits.x, bits.y), max(bits.z, bits.w));
}
