// From value to code, in integers only, so that every adapter gives the same code. Needs: format.wgsl.
// The oracle is src/format/encode.ts, which says what each case means.

const NEAREST_EVEN : u32 = 0u;
const TOWARD_ZERO : u32 = 1u;
const STOCHASTIC : u32 = 2u;

const SATURATE : u32 = 0u;
const IEEE : u32 = 1u;

// The code of the f32 with these bits. `random` is 32 random bits and is read by STOCHASTIC alone.
fn encode_bits(f : Format, bits : u32, rounding : u32, overflow : u32, random : u32) -> u32 {
  let negative = (bits & F32_SIGN) != 0u;
  let magnitude = bits & 0x7fffffffu;
  // A code is the upper bits of its f32 (bf16), at every magnitude. Without mantissa bits an even code is no even
  // number of steps.
  let truncates = f.exponent_bits == 8u && f.bias == 127 && f.sign_bits == 1u && f.mantissa_bits > 0u;
  if (truncates && rounding == NEAREST_EVEN && overflow == IEEE) {
    return select(shifted_to_even(bits, 23u - f.mantissa_bits), nan_of(f, negative), magnitude > F32_INFINITY);
  }
  if (magnitude > F32_INFINITY || (negative && f.sign_bits == 0u)) { return nan_of(f, negative); }
  if (magnitude == F32_INFINITY) { return with_sign(f, overflow_code(f, overflow), negative); }

  // value = significand * 2^(max(field, 1) - 150)
  let field = i32(magnitude >> 23u);
  let significand = select(magnitude, (magnitude & 0x7fffffu) | 0x800000u, field > 0);

  // floor(log2(value)), at least the smallest exponent, which no f32 subnormal exceeds. Neighbouring codes are
  // 2^(octave - mantissa_bits) apart. Every format is coarser than f32, so that bits fall off: `shift` > 0.
  let min_exponent = select(0, 1, f.has_zero == 1u) - f.bias;
  let octave = max(field - 127, min_exponent);
  let shift = u32(octave - i32(f.mantissa_bits) - max(field, 1) + 150);

  var steps = 0u;
  switch (rounding) {
    // A shift of 26 and more leaves nothing of 24 bits.
    case NEAREST_EVEN: { steps = shifted_to_even(significand, min(shift, 26u)); }
    case STOCHASTIC: {
      // The fraction that falls off, its first 32 bits.
      var fraction = 0u;
      if (shift < 32u) {
        steps = significand >> shift;
        fraction = significand << (32u - shift);
      } else if (shift < 64u) {
        fraction = significand >> (shift - 32u);
      }
      steps += select(0u, 1u, fraction > random);
    }
    default: { steps = significand >> min(shift, 31u); }
  }

  var code = steps + (u32(octave - min_exponent) << f.mantissa_bits);
  if (f.has_zero == 0u) { code = max(code, 1u) - 1u; }
  if (code > f.max_code) {
    code = select(overflow_code(f, overflow), f.max_code, rounding == TOWARD_ZERO);
  }
  return with_sign(f, code, negative);
}

// value / 2^s to the nearest whole number, of two to the even one.
fn shifted_to_even(value : u32, s : u32) -> u32 {
  // Adding a hair less than half a step carries what is above half, and adding the lowest bit that stays carries half
  // itself where that bit is odd.
  return (value + (1u << (s - 1u)) - 1u + ((value >> s) & 1u)) >> s;
}

fn sign_of(f : Format, negative : bool) -> u32 {
  return select(0u, f.sign_bits << (f.exponent_bits + f.mantissa_bits), negative);
}

fn nan_of(f : Format, negative : bool) -> u32 {
  // Without a NaN: zero of the opposite sign, as ml_dtypes has it.
  if (f.nan_code == NO_CODE) { return sign_of(f, !negative); }
  if (f.nan_is_negative_zero == 1u) { return f.nan_code; }
  return f.nan_code | sign_of(f, negative);
}

fn overflow_code(f : Format, overflow : u32) -> u32 {
  if (overflow == SATURATE) { return f.max_code; }
  if (f.infinity_code != NO_CODE) { return f.infinity_code; }
  return select(f.nan_code, f.max_code, f.nan_code == NO_CODE);
}

fn with_sign(f : Format, code : u32, negative : bool) -> u32 {
  if (f.nan_is_negative_zero == 1u && (code == 0u || code > f.max_code)) { return code; }
  return code | sign_of(f, negative);
}
