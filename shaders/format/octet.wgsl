// Eight consecutive codes of a row, an octet: the words that hold them, and four of them as f32s. Needs: format.wgsl,
// decode4.wgsl, halves.wgsl. Octets begin at a word or, where a code has no multiple of four bits, in the middle of one.

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
  let bits = code_width(f);
  let first = ((octet * bits) & 3u) * 8u + half * 4u * bits;
  return vec4<u32>(
    code_from(f, words, first),
    code_from(f, words, first + bits),
    code_from(f, words, first + 2u * bits),
    code_from(f, words, first + 3u * bits),
  );
}

// The code that begins at bit `first` of the words.
fn code_from(f : Format, words : vec4<u32>, first : u32) -> u32 {
  let offset = first & 31u;
  var code = words[first >> 5u] >> offset;
  if (offset + code_width(f) > 32u) { code |= words[min((first >> 5u) + 1u, 3u)] << (32u - offset); }
  return code & ((1u << code_width(f)) - 1u);
}
