// Sums of matrix units in f32, and how a band of them lies in the tile of the matrix kernels: with two words of padding
// a row, with which four rows that are written at once begin in different banks. Needs: matrix-tile.wgsl.
const STRIP_WORDS : u32 = 2u;
const BAND_ROW_WORDS : u32 = 2u * ROW_STRIPS + 2u;

// Strip number `strip` of a subgroup's band, counted row by row. Here and elsewhere, numbers are within the bounds that
// they are held to; saying so spares a check of each index (robustness), which costs more.
fn band_strip(subgroup : u32, strip : u32) -> Strip {
  let own = min(strip, BAND_STRIPS - 1u);
  let band = min(subgroup, SUBGROUPS - 1u) * BAND_WORDS;
  let at = band + (own / ROW_STRIPS) * BAND_ROW_WORDS + 2u * (own % ROW_STRIPS);
  // Of eight threads that read at once four read the right half first: from different banks.
  let first = (own / 4u) % 2u;
  let one = bitcast<vec4<f32>>(tile[at + first]);
  let other = bitcast<vec4<f32>>(tile[at + (own / 4u + 1u) % 2u]);
  return Strip(select(one, other, first == 1u), select(other, one, first == 1u));
}
