// r(a / b) on bits, in integers only. Needs: format.wgsl, normalize.wgsl, round.wgsl.
//
// WGSL lets an f32 quotient be 2.5 ULP off. Here it is IEEE 754's on every adapter: nearest even, with
// subnormals, infinities and zeros of both signs. Every NaN result is F32_NAN.
fn divide_bits(a : u32, b : u32) -> u32 {
  let sign = (a ^ b) & F32_SIGN;
  let x = a & ~F32_SIGN;
  let y = b & ~F32_SIGN;
  if (x > F32_INFINITY || y > F32_INFINITY) { return F32_NAN; }
  if (x == F32_INFINITY) { return select(sign | F32_INFINITY, F32_NAN, y == F32_INFINITY); }
  if (y == 0u) { return select(sign | F32_INFINITY, F32_NAN, x == 0u); }
  if (x == 0u || y == F32_INFINITY) { return sign; }

  let p = normalize_bits(x);
  let q = normalize_bits(y);
  // Long division in base 256: a remainder has at most 24 bits, so that with the next 8 it still fits a u32. The
  // digit before the point is 0 or 1. Three digits behind it make 24 or 25 significant bits; one bit more makes
  // them 25 or 26, enough for the 24 of a result and the half that decides.
  let whole = select(0u, 1u, p.significand >= q.significand);
  var rest = p.significand - whole * q.significand;
  var quotient = whole;
  for (var digit = 0u; digit < 3u; digit++) {
    rest = rest << 8u;
    quotient = (quotient << 8u) | (rest / q.significand);
    rest = rest % q.significand;
  }
  rest = rest << 1u;
  quotient = (quotient << 1u) | (rest / q.significand);
  rest = rest % q.significand;

  let sticky = select(0u, 1u, rest != 0u);
  return round_bits(sign, (quotient << 1u) | sticky, p.exponent - q.exponent - 26);
}
