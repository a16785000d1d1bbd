// Epilogue that rounds to a 16-bit format (nearest even; overflow gives infinity) and writes two to a word.
// Needs: strip.wgsl, format.wgsl, encode.wgsl. Constants: OUT_FORMAT.
@group(0) @binding(5) var<storage, read_write> output : array<vec4<u32>>;

// Writes eight elements from element `index` (a multiple of 8) on.
fn store_output(index : u32, values : Strip) {
  let pairs = array<vec2<f32>, 4>(values.left.xy, values.left.zw, values.right.xy, values.right.zw);
  var words = vec4<u32>();
  for (var i = 0u; i < 4u; i++) {
    let bits = bitcast<vec2<u32>>(pairs[i]);
    let low = encode_bits(OUT_FORMAT, bits.x, NEAREST_EVEN, IEEE, 0u);
    let high = encode_bits(OUT_FORMAT, bits.y, NEAREST_EVEN, IEEE, 0u);
    words[i] = low | (high << 16u);
  }
  output[index / 8u] = words;
}

// Whether one of the eight elements from element `index` on is NaN.
fn holds_nan(index : u32) -> bool {
  let words = output[index / 8u];
  let low = words & vec4<u32>(0x7fffu);
  let high = (words >> vec4<u32>(16u)) & vec4<u32>(0x7fffu);
  return any(max(low, high) > vec4<u32>(OUT_FORMAT.infinity_code));
}
