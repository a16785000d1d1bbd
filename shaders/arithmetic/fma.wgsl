// r(a * b + c) on bits, rounded once, in integers only. Needs: format.wgsl, normalize.wgsl, product.wgsl, round.wgsl.
//
// WGSL's fma() may round the product before it adds. Here it is IEEE 754's on every adapter: nearest even, with
// subnormals, infinities and zeros of both signs. Every NaN result is F32_NAN.
fn fma_bits(a : u32, b : u32, c : u32) -> u32 {
  let sign = (a ^ b) & F32_SIGN;
  let c_sign = c & F32_SIGN;
  let x = a & ~F32_SIGN;
  let y = b & ~F32_SIGN;
  let z = c & ~F32_SIGN;
  if (max(max(x, y), z) > F32_INFINITY) { return F32_NAN; }
  let zero = x == 0u || y == 0u;
  if (x == F32_INFINITY || y == F32_INFINITY) {
    return select(sign | F32_INFINITY, F32_NAN, zero || (z == F32_INFINITY && sign != c_sign));
  }
  if (z == F32_INFINITY) { return c; }
  if (zero) { return select(c, sign & c_sign, z == 0u); }

  // The product, moved up to end at bit 62: product * 2^15.
  let p = normalize_bits(x);
  let q = normalize_bits(y);
  let product = significand_product(p.significand, q.significand);
  var large = vec2<u32>(product.low << 15u, (product.high << 7u) | (product.low >> 17u));
  var exponent = p.exponent + q.exponent - 15;
  var negative = sign;
  if (z != 0u) {
    // c, moved up to bit 62 likewise.
    let r = normalize_bits(z);
    var small = vec2<u32>(0u, r.significand << 7u);
    var small_exponent = r.exponent - 39;
    var small_sign = c_sign;
    if (small_exponent > exponent || (small_exponent == exponent && less64(large, small))) {
      let swap = large;
      large = small;
      small = swap;
      let swap_exponent = exponent;
      exponent = small_exponent;
      small_exponent = swap_exponent;
      small_sign = sign;
      negative = c_sign;
    }
    // Below the larger term's 48 bits lie 15 zeros, so that what the smaller one loses here can only decide
    // which way the sum is rounded, and a sticky bit says that.
    small = shift_right_sticky(small, u32(exponent - small_exponent));
    if (small_sign == negative) {
      let low = large.x + small.x;
      large = vec2<u32>(low, large.y + small.y + select(0u, 1u, low < large.x));
    } else {
      if (less64(large, small)) {
        let swap = large;
        large = small;
        small = swap;
        negative = small_sign;
      }
      large = vec2<u32>(large.x - small.x, large.y - small.y - select(0u, 1u, large.x < small.x));
      if (large.x == 0u && large.y == 0u) { return 0u; }
    }
  }

  // The upper 31 bits of what is there, and whether anything lies below.
  let leading = select(32u + countLeadingZeros(large.x), countLeadingZeros(large.y), large.y != 0u);
  if (leading >= 33u) {
    // 31 bits or fewer: exact; at least 25 are wanted.
    let up = leading - 33u;
    return round_bits(negative, large.x << up, exponent - i32(up));
  }
  let kept = shift_right_sticky(large, 33u - leading);
  return round_bits(negative, kept.x, exponent + i32(33u - leading));
}

fn less64(a : vec2<u32>, b : vec2<u32>) -> bool {
  return a.y < b.y || (a.y == b.y && a.x < b.x);
}

// value >> count, with the lowest bit set if anything nonzero was shifted out.
fn shift_right_sticky(value : vec2<u32>, count : u32) -> vec2<u32> {
  if (count == 0u) { return value; }
  if (count >= 64u) { return vec2<u32>(select(0u, 1u, (value.x | value.y) != 0u), 0u); }
  if (count >= 32u) {
    let n = count - 32u;
    let lost = value.x | select(0u, value.y << (32u - n), n > 0u);
    return vec2<u32>((value.y >> n) | select(0u, 1u, lost != 0u), 0u);
  }
  let lost = value.x << (32u - count);
  let low = (value.x >> count) | (value.y << (32u - count));
  return vec2<u32>(low | select(0u, 1u, lost != 0u), value.y >> count);
}
