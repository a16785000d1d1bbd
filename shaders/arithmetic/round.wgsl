// The one rounding at the end of exact arithmetic in integers. Needs: format.wgsl.

// The f32 bits of significand * 2^exponent rounded to nearest even: subnormals below 2^-126, infinity beyond the
// largest f32. 2^24 <= significand < 2^31, and its lowest bit is sticky: set if anything nonzero was cut off
// below it. 25 bits hold the 24 of a result and the half that decides; the sticky bit tells a tie from more.
fn round_bits(sign : u32, significand : u32, exponent : i32) -> u32 {
  let top = exponent + i32(firstLeadingBit(significand));
  let octave = max(top, -126);
  if (octave > 127) { return sign | F32_INFINITY; }
  let drop = u32(octave - 23 - exponent);
  // Less than half of the smallest subnormal.
  if (drop > 31u) { return sign; }
  let kept = significand >> drop;
  let rest = significand & ((1u << drop) - 1u);
  let half = 1u << (drop - 1u);
  let up = rest > half || (rest == half && (kept & 1u) == 1u);
  // The leading bit of `kept`, where it has one, counts one exponent up, and so does a carry out of it: from
  // the subnormals to 2^-126, and from the largest f32 to infinity.
  return sign | ((u32(octave + 126) << 23u) + kept + select(0u, 1u, up));
}
