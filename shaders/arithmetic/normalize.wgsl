// Taking f32 bits apart for exact arithmetic in integers. Needs: format.wgsl.

// significand * 2^exponent with 2^23 <= significand < 2^24.
struct Normalized {
  significand : u32,
  exponent : i32,
}

// A magnitude (bits without sign) that is neither zero, infinite nor NaN. Subnormals lose nothing: they gain
// the leading bit that they lack, and a smaller exponent for it.
fn normalize_bits(magnitude : u32) -> Normalized {
  let field = magnitude >> 23u;
  if (field > 0u) { return Normalized((magnitude & 0x7fffffu) | 0x800000u, i32(field) - 150); }
  let shift = countLeadingZeros(magnitude) - 8u;
  return Normalized(magnitude << shift, -149 - i32(shift));
}
