// Sums of matrix units in f16, and how a band of them lies in the tile of the matrix kernels: with a word of padding a
// row, with which the eight rows that are written at once begin in different banks. Needs: matrix-tile.wgsl.
const STRIP_WORDS : u32 = 1u;
const BAND_ROW_WORDS : u32 = ROW_STRIPS + 1u;

// As in band-f32.wgsl.
fn band_strip(subgroup : u32, strip : u32) -> Strip {
  let own = min(strip, BAND_STRIPS - 1u);
  let band = min(subgroup, SUBGROUPS - 1u) * BAND_WORDS;
  let halves = tile[band + (own / ROW_STRIPS) * BAND_ROW_WORDS + own % ROW_STRIPS];
  return Strip(
    vec4<f32>(unpack2x16float(halves.x), unpack2x16float(halves.y)),
    vec4<f32>(unpack2x16float(halves.z), unpack2x16float(halves.w)),
  );
}
