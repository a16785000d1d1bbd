// r(a * b) on bits, in integers only. Needs: format.wgsl, normalize.wgsl, product.wgsl, round.wgsl.
//
// WGSL lets an f32 product be rounded either way and subnormals be flushed, so that native multiplication
// promises no bits. Here it is IEEE 754's on every adapter: nearest even, with subnormals, infinities and
// zeros of both signs. Every NaN result is F32_NAN.
fn multiply_bits(a : u32, b : u32) -> u32 {
  let sign = (a ^ b) & F32_SIGN;
  let x = a & ~F32_SIGN;
  let y = b & ~F32_SIGN;
  if (x > F32_INFINITY || y > F32_INFINITY) { return F32_NAN; }
  let zero = x == 0u || y == 0u;
  if (x == F32_INFINITY || y == F32_INFINITY) { return select(sign | F32_INFINITY, F32_NAN, zero); }
  if (zero) { return sign; }

  let p = normalize_bits(x);
  let q = normalize_bits(y);
  let product = significand_product(p.significand, q.significand);

  // The upper 27 of the 48 bits, and whether the other 21 hold anything.
  let sticky = select(0u, 1u, (product.low & 0x1fffffu) != 0u);
  return round_bits(sign, (product.high << 3u) | (product.low >> 21u) | sticky, p.exponent + q.exponent + 21);
}
