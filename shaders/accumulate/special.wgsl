// NaNs and infinities among the operands of a fused sum: any NaN, 0 * infinity or infinity - infinity makes it NaN,
// otherwise an infinity wins. Decided on codes, because compilers may assume that f32 has neither.
// Needs: format.wgsl, decode.wgsl. Constants: A_FORMAT, B_FORMAT.

// What the tensor core writes for an invalid sum, and NVIDIA's f32 units for any NaN.
const TENSOR_CORE_NAN : u32 = 0x7fffffffu;

// What is among the terms of a sum.
const PLUS_INFINITY : u32 = 1u;
const MINUS_INFINITY : u32 = 2u;
const INVALID : u32 = 4u;

fn is_special(f : Format, code : u32) -> bool {
  let magnitude = code & ((1u << (f.exponent_bits + f.mantissa_bits)) - 1u);
  return magnitude > f.max_code || (f.nan_is_negative_zero == 1u && code == f.nan_code);
}

// What the product of two codes adds to a sum beside a number: a mask of the constants above, or 0.
fn product_special(a : u32, b : u32) -> u32 {
  if (!is_special(A_FORMAT, a) && !is_special(B_FORMAT, b)) { return 0u; }
  let x = decode_bits(A_FORMAT, a);
  let y = decode_bits(B_FORMAT, b);
  let x_size = x & ~F32_SIGN;
  let y_size = y & ~F32_SIGN;
  if (max(x_size, y_size) > F32_INFINITY || min(x_size, y_size) == 0u) { return INVALID; }
  return select(PLUS_INFINITY, MINUS_INFINITY, ((x ^ y) & F32_SIGN) != 0u);
}

// The same for an f32 term.
fn f32_special(bits : u32) -> u32 {
  let size = bits & ~F32_SIGN;
  if (size > F32_INFINITY) { return INVALID; }
  if (size < F32_INFINITY) { return 0u; }
  return select(PLUS_INFINITY, MINUS_INFINITY, (bits & F32_SIGN) != 0u);
}

// The f32 bits of a sum with these specials and this finite rest.
fn special_sum(found : u32, finite : u32) -> u32 {
  if (found == 0u) { return finite; }
  if ((found & INVALID) != 0u || found == (PLUS_INFINITY | MINUS_INFINITY)) { return TENSOR_CORE_NAN; }
  return select(F32_INFINITY, F32_SIGN | F32_INFINITY, found == MINUS_INFINITY);
}
