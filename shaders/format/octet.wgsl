// Eight consecutive codes of a row, an octet: the words that hold them, and four of them as f32s. Needs: format.wgsl,
// pack.wgsl, decode4.wgsl, halves.wgsl. Octets begin at a word or, where a code has no multiple of four bits, in the
// middle of one.

// The word of a row in which octet number `octet` begins.
fn octet_word(f : Format, octet : u32) -> u32 {
  return (octet * code_width(f)) >> 2u;
}

// The words that an octet may lie in.
fn octet_length(f : Format) -> u32 {
  return (8u * code_width(f) + select(0u, 16u, code_width(f) % 4u != 0u) + 31u) / 32u;
}

// The values of the first four codes of octet number `octet` or, where `half` is 1, of the other four, given its words.
// By way of halves, in a third of the instructions, where `halves` says that the format's values are halves times a
// power of two and the adapter's unpack2x16float() keeps subnormal ones.
fn quad_values(f : Format, halves : bool, words : vec4<u32>, octet : u32, half : u32) -> vec4<f32> {
  if (!halves) { return decode4(f, quad_codes(f, words, octet, half)); }
  let both = word_halves(f, words[half]);
  let even = unpack2x16float(both.x);
  let odd = unpack2x16float(both.y);
  return vec4<f32>(even.x, odd.x, even.y, odd.y) * half_unit(f);
}

fn quad_codes(f : Format, words : vec4<u32>, octet : u32, half : u32) -> vec4<u32> {
  let first = 4u * half;
  return vec4<u32>(
    octet_code(f, words, octet, first),
    octet_code(f, words, octet, first + 1u),
    octet_code(f, words, octet, first + 2u),
    octet_code(f, words, octet, first + 3u),
  );
}

// Code number `number` of the octet.
fn octet_code(f : Format, words : vec4<u32>, octet : u32, number : u32) -> u32 {
  let word = (((octet * code_width(f)) & 3u) * 8u + number * code_width(f)) >> 5u;
  return unpack_code(f, 8u * octet + number, words[word], words[min(word + 1u, 3u)]);
}
