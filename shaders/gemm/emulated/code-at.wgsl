// Single codes out of a quantised operand. Needs: operands.wgsl and what it needs.

fn word_at(side : u32, index : u32) -> u32 {
  return codes_at(side, index >> 2u)[index & 3u];
}

// Code k of the row that begins at word `base`.
fn code_at(side : u32, f : Format, base : u32, k : u32) -> u32 {
  let word = base + code_word(f, k);
  if (32u % code_width(f) == 0u) { return unpack_code(f, k, word_at(side, word), 0u); }
  return unpack_code(f, k, word_at(side, word), word_at(side, word + 1u));
}

// The word at which a row begins; the last row's for rows beyond it, whose results nobody reads.
fn row_base(side : u32, row : u32) -> u32 {
  let operand = operand_of(side);
  return min(row, operand.rows - 1u) * operand.word_pitch;
}
