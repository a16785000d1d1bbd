// From codes to halves: four codes as f16 bits, in few instructions and without arithmetic, times a power of two.
// Needs: format.wgsl. For formats with a sign whose exponents and significands are a half's or shorter.
//
// A code's magnitude, shifted to where a half's magnitude lies, is the half of the code's value times 2^(bias - 15),
// also where the code is subnormal: then so is the half. That subnormal halves are read for what they are is for the
// reader to know; who multiplies by half_unit() has the value.

// What the halves of a format's codes are to be multiplied by: 2^(15 - bias).
fn half_unit(f : Format) -> f32 {
  return bitcast<f32>(u32(142 - f.bias) << 23u);
}

// Four codes of 8 bits in a word: the halves of codes 0 and 2, and those of codes 1 and 3, since these two pairs are
// where both codes of a pair are reached by the same shift.
fn word_halves(f : Format, word : u32) -> vec2<u32> {
  let shift = 10u - f.mantissa_bits;
  if (f.max_code == 126u && f.infinity_code == NO_CODE && f.nan_is_negative_zero == 0u && shift == 7u) {
    return e4m3_halves(word);
  }
  let magnitudes = vec2<u32>((word & 0x007f007fu) << shift, (word & 0x7f007f00u) >> (8u - shift));
  let halves = magnitudes | vec2<u32>((word << 8u) & 0x80008000u, word & 0x80008000u);
  // Infinities of a format with five bits of exponent are a half's.
  if (f.exponent_bits == 5u || !word_special(f, word)) { return halves; }
  let low = special_halves(f, vec2<u32>(word, word >> 8u) & vec2<u32>(0xffu), halves & vec2<u32>(0xffffu));
  let high = special_halves(f, vec2<u32>(word >> 16u, word >> 24u) & vec2<u32>(0xffu), halves >> vec2<u32>(16u));
  return low | (high << vec2<u32>(16u));
}

// The same for e4m3. Its NaN is all ones, which becomes a half's by one more bit of exponent: where adding 1 to seven
// bits carries into an eighth, and nowhere else. Four codes at once, before they are taken apart: decoding waits for
// integer instructions. No branch, so that compilers can order the work of many words.
fn e4m3_halves(word : u32) -> vec2<u32> {
  let magnitudes = word & 0x7f7f7f7fu;
  let eight = magnitudes | ((magnitudes + 0x01010101u) & 0x80808080u);
  let shifted = vec2<u32>((eight & 0x00ff00ffu) << 7u, (eight & 0xff00ff00u) >> 1u);
  return shifted | vec2<u32>((word << 8u) & 0x80008000u, word & 0x80008000u);
}

// Whether one of four codes is NaN or infinite.
fn word_special(f : Format, word : u32) -> bool {
  if (f.nan_is_negative_zero == 1u) {
    // A byte of zero in `other` is a NaN. Adding 0x7f to seven bits carries into the eighth unless they are zero.
    let other = word ^ 0x80808080u;
    return ((((other & 0x7f7f7f7fu) + 0x7f7f7f7fu) | other) & 0x80808080u) != 0x80808080u;
  }
  if (f.max_code >= 127u) { return false; }
  return (((word & 0x7f7f7f7fu) + (127u - f.max_code) * 0x01010101u) & 0x80808080u) != 0u;
}

// The halves of two codes of 8 bits, given what they are unless the codes are special.
fn special_halves(f : Format, codes : vec2<u32>, halves : vec2<u32>) -> vec2<u32> {
  let nan = vec2<u32>(0x7e00u);
  if (f.nan_is_negative_zero == 1u) { return select(halves, nan, codes == vec2<u32>(0x80u)); }
  let magnitudes = codes & vec2<u32>(0x7fu);
  let infinities = vec2<u32>(0x7c00u) | ((codes & vec2<u32>(0x80u)) << vec2<u32>(8u));
  let finite = select(halves, nan, magnitudes > vec2<u32>(f.max_code));
  return select(finite, infinities, magnitudes == vec2<u32>(f.infinity_code));
}

// Four codes of any width: the halves of the first and third, and those of the second and fourth.
fn code_halves(f : Format, codes : vec4<u32>) -> vec2<u32> {
  let magnitude_bits = f.exponent_bits + f.mantissa_bits;
  let magnitudes = codes & vec4<u32>((1u << magnitude_bits) - 1u);
  let signs = (codes >> vec4<u32>(magnitude_bits)) << vec4<u32>(15u);
  var halves = magnitudes << vec4<u32>(10u - f.mantissa_bits);
  halves = select(halves, vec4<u32>(0x7e00u), magnitudes > vec4<u32>(f.max_code));
  halves = select(halves, vec4<u32>(0x7c00u), magnitudes == vec4<u32>(f.infinity_code));
  halves |= signs;
  return halves.xy | (halves.zw << vec2<u32>(16u));
}
