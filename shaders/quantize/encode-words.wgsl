// Four values of a tile to a word of codes, in f32 arithmetic where this adapter's is known to round to nearest even,
// otherwise in integers. Needs: format.wgsl, encode.wgsl, the arithmetic shaders.
// Constants: FORMAT (of the codes, 8 bits with a sign), DIVIDE_VALUES (values are divided by their tile's factor; else
// multiplied), NATIVE (f32 sums and products round to nearest even and, if values are divided, fma() is fused).
struct Factor {
  // f32 bits of what values are multiplied or divided by, and, for division, of its inverse.
  value : u32,
  inverse : u32,
  // Whether f32 arithmetic gives the tile's codes.
  native : u32,
}

// Between these, neither factors nor anything on the way to a code is near f32's limits. Codes of eight bits span at
// most 33 octaves below the largest magnitude (e5m2: from 2^15 to half of 2^-16), and the remainder of a division has
// its last bit 48 places below its quotient's first: 2^(-40 - 33 - 48) is a normal f32 still.
const SMALLEST_NATIVE : u32 = (127u - 40u) << 23u;
const LARGEST_NATIVE : u32 = (127u + 100u) << 23u;

// Of a tile with this largest magnitude.
fn factor_of(largest : u32, value : u32) -> Factor {
  let native = NATIVE && largest >= SMALLEST_NATIVE && largest <= LARGEST_NATIVE;
  var inverse = 0u;
  if (DIVIDE_VALUES && native) { inverse = divide_bits(0x3f800000u, value); }
  return Factor(value, inverse, select(0u, 1u, native));
}

// Codes of four values, the first in the lowest byte.
fn encode_word(values : vec4<u32>, factor : Factor) -> u32 {
  if (NATIVE && factor.native == 1u) { return native_word(values, factor); }
  return exact_word(values, factor);
}

// The same in f32 arithmetic, where the factor says that it gives the tile's codes.
fn native_word(values : vec4<u32>, factor : Factor) -> u32 {
  return word_of_bytes(encode_native(scale_native(bitcast<vec4<f32>>(values), factor), values));
}

// The same in integers.
fn exact_word(values : vec4<u32>, factor : Factor) -> u32 {
  var codes = vec4<u32>();
  for (var i = 0u; i < 4u; i++) { codes[i] = encode_exact(values[i], factor); }
  return word_of_bytes(codes);
}

fn word_of_bytes(codes : vec4<u32>) -> u32 {
  return codes.x | (codes.y << 8u) | (codes.z << 16u) | (codes.w << 24u);
}

fn encode_exact(value : u32, factor : Factor) -> u32 {
  var scaled = 0u;
  if (DIVIDE_VALUES) { scaled = divide_bits(value, factor.value); } else { scaled = multiply_bits(value, factor.value); }
  return encode_bits(FORMAT, scaled, NEAREST_EVEN, SATURATE, 0u);
}

// r(value * factor), or r(value / factor). The quotient out of the correctly rounded inverse, corrected twice by its
// exact remainder: the first time it is one of the two f32s around, the second time the nearer (Markstein, "Computation
// of elementary functions on the IBM RISC System/6000 processor", 1990). What underflows on the way belongs to a value
// whose code is 0.
fn scale_native(values : vec4<f32>, factor : Factor) -> vec4<f32> {
  let divisor = vec4<f32>(bitcast<f32>(factor.value));
  if (!DIVIDE_VALUES) { return values * divisor; }
  let inverse = vec4<f32>(bitcast<f32>(factor.inverse));
  let guess = values * inverse;
  let faithful = fma(fma(-guess, divisor, values), inverse, guess);
  return fma(fma(-faithful, divisor, values), inverse, faithful);
}

// The codes of four scaled values, none of them NaN or infinite; the signs are taken from `signs`, since an adapter may
// lose that of what it flushes to 0.
fn encode_native(scaled : vec4<f32>, signs : vec4<u32>) -> vec4<u32> {
  let magnitude = bitcast<vec4<u32>>(abs(scaled));
  // As in encode.wgsl: a hair less than half a step, and the lowest bit that stays.
  let shift = vec4<u32>(23u - FORMAT.mantissa_bits);
  let half = vec4<u32>((1u << (22u - FORMAT.mantissa_bits)) - 1u);
  let lowest = (magnitude >> shift) & vec4<u32>(1u);
  let normal = ((magnitude + half + lowest) >> shift) - vec4<u32>(u32(127 - FORMAT.bias) << FORMAT.mantissa_bits);
  // In steps of the format's subnormals: the last bits of a sum with 2^23 of them.
  let steps = u32(127 + 24 - FORMAT.bias - i32(FORMAT.mantissa_bits)) << 23u;
  let subnormal = bitcast<vec4<u32>>(abs(scaled) + vec4<f32>(bitcast<f32>(steps))) - vec4<u32>(steps);
  let is_subnormal = magnitude < vec4<u32>(u32(128 - FORMAT.bias) << 23u);
  let code = min(select(normal, subnormal, is_subnormal), vec4<u32>(FORMAT.max_code));
  let sign = (signs >> vec4<u32>(24u)) & vec4<u32>(0x80u);
  // Where -0 is NaN, there is no -0.
  if (FORMAT.nan_is_negative_zero == 1u) { return code | select(sign, vec4<u32>(), code == vec4<u32>()); }
  return code | sign;
}
