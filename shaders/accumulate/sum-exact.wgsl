// Sums of products without a loss and one rounding at the end: a fixed-point number wide enough for any of them.
// Needs: step.wgsl (for its terms), special.wgsl, code-at.wgsl, promote-bits.wgsl and what they need.
//
// A product is a whole number of LOWEST units, the product of both formats' smallest subnormals, below 2^74 of
// them (e5m2: 2^64); a sum of 2^22 products stays below 2^96: six digits of 16 bits, signed while they add up.
const DIGITS : u32 = 6u;

fn lowest_exponent(f : Format) -> i32 {
  return 1 - f.bias - i32(f.mantissa_bits);
}

// Brings all digits but the last into 0 to 65535.
fn carry(digits : ptr<function, array<i32, 6>>) {
  for (var i = 0u; i + 1u < DIGITS; i++) {
    (*digits)[i + 1u] += (*digits)[i] >> 16u;
    (*digits)[i] &= 0xffff;
  }
}

// The products of `count` codes from element k of K on of two rows: f32 bits. c must be 0: C is the epilogue's.
fn sum_products(a_base : u32, b_base : u32, k : u32, count : u32, c : u32) -> u32 {
  var digits = array<i32, 6>();
  var found = f32_special(c);
  for (var i = 0u; i < count; i++) {
    let code_a = code_at(A, A_FORMAT, a_base, k + i);
    let code_b = code_at(B, B_FORMAT, b_base, k + i);
    found |= product_special(code_a, code_b);
    let a = term_of(A_FORMAT, code_a);
    let b = term_of(B_FORMAT, code_b);
    // A product of two significands has 10 bits at most, and 25 within its digit.
    let shift = u32(a.exponent - (1 - A_FORMAT.bias) + b.exponent - (1 - B_FORMAT.bias));
    let term = (a.significand * b.significand) << (shift & 15u);
    let sign = select(1, -1, a.negative != b.negative);
    digits[shift >> 4u] += sign * i32(term & 0xffffu);
    digits[(shift >> 4u) + 1u] += sign * i32(term >> 16u);
    // Sums of 2^15 terms fit a digit.
    if ((i & 0x3fffu) == 0x3fffu) { carry(&digits); }
  }
  if (found != 0u) { return special_sum(found, 0u); }
  carry(&digits);
  let sign = select(0u, F32_SIGN, digits[DIGITS - 1u] < 0);
  if (sign != 0u) {
    for (var i = 0u; i < DIGITS; i++) { digits[i] = -digits[i]; }
    carry(&digits);
  }

  // The upper four digits from the first that is not zero on, and whether anything lies below.
  var top = DIGITS - 1u;
  while (top > 3u && digits[top] == 0) { top--; }
  var below = 0u;
  for (var i = 0u; i + 3u < top; i++) { below |= u32(digits[i]); }
  let upper = vec2<u32>(
    u32(digits[top - 3u]) | (u32(digits[top - 2u]) << 16u),
    u32(digits[top - 1u]) | (u32(digits[top]) << 16u),
  );
  if (upper.x == 0u && upper.y == 0u) { return 0u; }
  let exponent = lowest_exponent(A_FORMAT) + lowest_exponent(B_FORMAT) + 16 * i32(top - 3u);
  let leading = select(32u + countLeadingZeros(upper.x), countLeadingZeros(upper.y), upper.y != 0u);
  if (leading >= 33u) {
    // 31 bits or fewer, of the lowest digits: nothing lies below.
    return round_bits(sign, upper.x << (leading - 33u), exponent - i32(leading - 33u));
  }
  let kept = shift_right_sticky(upper, 33u - leading).x | select(0u, 1u, below != 0u);
  return round_bits(sign, kept, exponent + i32(33u - leading));
}
