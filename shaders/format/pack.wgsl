// Reading and writing packed codes. Needs: format.wgsl. The layout is that of src/format/pack.ts: code i of
// width w holds the bits i*w to i*w + w - 1 of a little-endian bit stream.
//
// A chunk is CHUNK = 32 codes: as many words as a code has bits, whatever the width, so that chunks never
// share a word and a thread can own one.
const CHUNK : u32 = 32u;

// The word in which code `index` begins.
fn code_word(f : Format, index : u32) -> u32 {
  // Chunk by chunk, because the place of a bit may need more than 32 bits.
  return (index / CHUNK) * code_width(f) + (((index % CHUNK) * code_width(f)) >> 5u);
}

// Code `index`, given the word in which it begins and the next one (read only by widths that straddle).
fn unpack_code(f : Format, index : u32, low : u32, high : u32) -> u32 {
  let bits = code_width(f);
  let offset = (index * bits) & 31u;
  let mask = (1u << bits) - 1u;
  var code = low >> offset;
  if (offset + bits > 32u) { code |= high << (32u - offset); }
  return code & mask;
}

// The codes of a chunk that begin in the chunk's word `word`, and the one that straddles into it, out of
// their codes: the word's 32 bits.
fn pack_word(f : Format, codes : ptr<function, array<u32, 32>>, word : u32) -> u32 {
  let bits = code_width(f);
  var packed = 0u;
  // The first code that has a bit in this word.
  var index = (word * 32u) / bits;
  for (var n = 0u; n < 9u; n++) {
    let first = index * bits;
    if (first >= word * 32u + 32u || index >= CHUNK) { break; }
    let code = (*codes)[index];
    if (first >= word * 32u) {
      packed |= code << (first - word * 32u);
    } else {
      packed |= code >> (word * 32u - first);
    }
    index++;
  }
  return packed;
}
