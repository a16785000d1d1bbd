// From a tile's largest magnitude to its scale, and on to the factor that turns its values into codes, all on
// f32 bits, in integers only. Needs: format.wgsl, normalize.wgsl, round.wgsl, product.wgsl, multiply.wgsl, divide.wgsl.
// The oracle is src/quantize/scale.ts, which says what each case means.
// Constants: SCALE_RULE, CODE_RULE, POWER_OF_TWO (of the dialect); AMAX_FLOOR (f32 bits); MAX, INVERSE_MAX (f32
// bits of the element format's largest value and of its rounded inverse); MAX_EXPONENT (floor(log2) of it).

const TIMES_RECIPROCAL : u32 = 0u;
const DIVIDE : u32 = 1u;
const OCTAVE : u32 = 2u;

const TIMES_INVERSE : u32 = 0u;
const DIVIDE_BY_SCALE : u32 = 1u;
const TIMES_MAX_OVER_AMAX : u32 = 2u;

const F32_ONE : u32 = 0x3f800000u;

// `amax` is at least AMAX_FLOOR.
fn scale_bits(amax : u32) -> u32 {
  if (SCALE_RULE == OCTAVE) { return octave_scale(amax); }
  var scale = 0u;
  if (SCALE_RULE == DIVIDE) {
    scale = divide_bits(amax, MAX);
  } else {
    scale = multiply_bits(amax, INVERSE_MAX);
  }
  if (scale == 0u) { scale = F32_ONE; }
  if (POWER_OF_TWO && scale < F32_INFINITY) {
    let field = (scale >> 23u) + select(0u, 1u, (scale & 0x7fffffu) != 0u);
    scale = min(field, 254u) << 23u;
  }
  return scale;
}

fn octave_scale(amax : u32) -> u32 {
  if (amax >= F32_INFINITY) { return F32_NAN; }
  // floor(log2(amax)): of a subnormal the place of its leading bit; far below everything for 0.
  var exponent = i32(amax >> 23u) - 127;
  if (exponent == -127) { exponent = i32(firstLeadingBit(amax | 1u)) - 149; }
  return f32_bits(1u, clamp(exponent - MAX_EXPONENT, -127, 127));
}

// `scale` is the scale as it is stored.
fn factor_bits(amax : u32, scale : u32) -> u32 {
  if (CODE_RULE == DIVIDE_BY_SCALE) { return scale; }
  if (CODE_RULE == TIMES_MAX_OVER_AMAX && !POWER_OF_TWO) {
    return multiply_bits(divide_bits(F32_ONE, amax), MAX);
  }
  return divide_bits(F32_ONE, scale);
}
