// From codes to values, four at once and in few instructions: for kernels that decode on the way to a product.
// Needs: format.wgsl, decode.wgsl. The values are those of decode.wgsl, which is written to be read.
//
// f32 arithmetic is used only where it is exact and meets no subnormal f32, since an adapter may flush those:
// shifting a subnormal code into f32's fields and multiplying would lose it.

// The values of four codes of a format with a sign. NaN gives F32_NAN with the code's sign. Where the format
// itself reaches into f32's subnormals (bf16), the adapter may flush the value.
fn decode4(f : Format, codes : vec4<u32>) -> vec4<f32> {
  let magnitude_bits = f.exponent_bits + f.mantissa_bits;
  let magnitude = codes & vec4<u32>((1u << magnitude_bits) - 1u);
  let sign = (codes << vec4<u32>(31u - magnitude_bits)) & vec4<u32>(F32_SIGN);
  let shifted = magnitude << vec4<u32>(23u - f.mantissa_bits);

  // A code is the upper bits of its f32.
  if (f.exponent_bits == 8u && f.bias == 127) { return bitcast<vec4<f32>>(shifted | sign); }

  // The distance between subnormal codes, as an exponent.
  let quantum = 1 - f.bias - i32(f.mantissa_bits);
  if (quantum < -126 || f.has_zero == 0u) {
    return vec4<f32>(decode(f, codes.x), decode(f, codes.y), decode(f, codes.z), decode(f, codes.w));
  }

  let normal = shifted + vec4<u32>(u32(127 - f.bias) << 23u);
  let subnormal = vec4<f32>(magnitude) * bitcast<f32>(u32(quantum + 127) << 23u);
  let is_subnormal = magnitude < vec4<u32>(1u << f.mantissa_bits);
  var bits = select(normal, bitcast<vec4<u32>>(subnormal), is_subnormal);
  bits = select(bits, vec4<u32>(F32_NAN), magnitude > vec4<u32>(f.max_code));
  bits = select(bits, vec4<u32>(F32_INFINITY), magnitude == vec4<u32>(f.infinity_code));
  bits |= sign;
  if (f.nan_is_negative_zero == 1u) {
    bits = select(bits, vec4<u32>(F32_NAN), codes == vec4<u32>(1u << magnitude_bits));
  }
  return bitcast<vec4<f32>>(bits);
}
