// A number format as the shaders see it. The fields of a Format constant are computed from the descriptor in
// src/format, which is the only place where a format is defined; with a constant argument the functions below
// fold to what one format needs.
struct Format {
  sign_bits : u32,
  exponent_bits : u32,
  mantissa_bits : u32,
  bias : i32,
  // 1: the exponent field 0 means zero and subnormals; 0: it is an exponent like any other (e8m0).
  has_zero : u32,
  // Largest finite code, without sign.
  max_code : u32,
  // Code of +infinity, NO_CODE where there is none.
  infinity_code : u32,
  // Code of the NaN that encoding writes, NO_CODE where there is none.
  nan_code : u32,
  // 1: the NaN is the code of -0, and there is no -0.
  nan_is_negative_zero : u32,
}

const NO_CODE : u32 = 0xffffffffu;

const F32_SIGN : u32 = 0x80000000u;
const F32_INFINITY : u32 = 0x7f800000u;
const F32_NAN : u32 = 0x7fc00000u;

fn code_width(f : Format) -> u32 {
  return f.sign_bits + f.exponent_bits + f.mantissa_bits;
}

// The f32 bits of significand * 2^exponent, which must be an f32: at most 24 significant bits, in range.
// Built from integers, because an adapter may flush subnormals in f32 arithmetic.
fn f32_bits(significand : u32, exponent : i32) -> u32 {
  if (significand == 0u) { return 0u; }
  let top = i32(firstLeadingBit(significand));
  let e = exponent + top;
  if (e < -126) { return significand << u32(exponent + 149); }
  return (u32(e + 127) << 23u) | ((significand << u32(23 - top)) & 0x7fffffu);
}
