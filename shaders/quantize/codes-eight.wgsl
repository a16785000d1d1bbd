// Eight elements of a quantised matrix in f32 bits: r(value of the code * scale).
// Needs: format.wgsl, decode.wgsl, multiply.wgsl and what it needs, eight.wgsl.
// Constants: SOURCE_FORMAT (of the codes, 4, 8, 12 or 16 bits), SOURCE_E8M0 (scales are e8m0 codes, four to a word;
// else f32 bits), E8M0 (that format).

// Where eight codes lie: the word in which they begin.
fn eight_word(row : u32, col : u32, word_pitch : u32) -> u32 {
  return row * word_pitch + (col / 8u) * (code_width(SOURCE_FORMAT) / 4u);
}

fn values_of_eight(words : vec4<u32>, scale : u32) -> Eight {
  var values = array_of_eight(unpack_eight(SOURCE_FORMAT, words));
  for (var i = 0u; i < 8u; i++) { values[i] = value_of(values[i], scale); }
  return eight_of_array(values);
}

fn value_of(code : u32, scale : u32) -> u32 {
  return multiply_bits(decode_bits(SOURCE_FORMAT, code), scale);
}

// The f32 bits of scale `index`, given the word that holds it.
fn scale_of_word(word : u32, index : u32) -> u32 {
  if (!SOURCE_E8M0) { return word; }
  return decode_bits(E8M0, (word >> ((index & 3u) * 8u)) & 0xffu);
}

// The word in which scale `index` lies.
fn scale_word(index : u32) -> u32 {
  return select(index, index >> 2u, SOURCE_E8M0);
}
