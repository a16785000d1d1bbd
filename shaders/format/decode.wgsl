// From code to value, in integers only. Needs: format.wgsl. The oracle is src/format/decode.ts.

// The f32 bits of a code's value, exactly. NaN gives F32_NAN with the code's sign.
fn decode_bits(f : Format, code : u32) -> u32 {
  let magnitude_bits = f.exponent_bits + f.mantissa_bits;
  let magnitude = code & ((1u << magnitude_bits) - 1u);
  let negative = f.sign_bits == 1u && ((code >> magnitude_bits) & 1u) == 1u;
  let sign = select(0u, F32_SIGN, negative);

  if (f.nan_is_negative_zero == 1u && negative && magnitude == 0u) { return F32_NAN; }
  if (magnitude == f.infinity_code) { return sign | F32_INFINITY; }
  if (magnitude > f.max_code) { return sign | F32_NAN; }

  let field = magnitude >> f.mantissa_bits;
  let mantissa = magnitude & ((1u << f.mantissa_bits) - 1u);
  let subnormal = field == 0u && f.has_zero == 1u;
  let significand = select(mantissa | (1u << f.mantissa_bits), mantissa, subnormal);
  let exponent = select(i32(field), 1, subnormal) - f.bias - i32(f.mantissa_bits);
  return sign | f32_bits(significand, exponent);
}

// The value of a code as an f32. A subnormal f32 (bf16 and e8m0 have some) may be flushed by the adapter.
fn decode(f : Format, code : u32) -> f32 {
  return bitcast<f32>(decode_bits(f, code));
}
