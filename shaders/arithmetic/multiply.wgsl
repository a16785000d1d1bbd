// r(a * b) on bits, in integers only. Needs: format.wgsl, normalize.wgsl, round.wgsl.
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

  // 24 by 24 bits out of 12 by 12: the product is high * 2^24 + low, and 2^46 <= product < 2^48.
  let p = normalize_bits(x);
  let q = normalize_bits(y);
  let p1 = p.significand >> 12u;
  let p0 = p.significand & 0xfffu;
  let q1 = q.significand >> 12u;
  let q0 = q.significand & 0xfffu;
  let middle = p1 * q0 + p0 * q1;
  let lower = p0 * q0 + ((middle & 0xfffu) << 12u);
  let high = p1 * q1 + (middle >> 12u) + (lower >> 24u);
  let low = lower & 0xffffffu;

  // The upper 27 of the 48 bits, and whether the other 21 hold anything.
  let sticky = select(0u, 1u, (low & 0x1fffffu) != 0u);
  return round_bits(sign, (high << 3u) | (low >> 21u) | sticky, p.exponent + q.exponent + 21);
}
