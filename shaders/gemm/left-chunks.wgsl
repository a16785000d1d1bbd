// Where left-stored.wgsl's matrices of A lie among the halves that decode-pass.wgsl has made. Needs: matrix-tile.wgsl,
// decoded-place.wgsl.

// The chunk that the tile's step begins at.
var<private> left_chunk : u32;

// Before the step that begins at segment `first` is multiplied.
fn seek_left(place : Place, first : u32) {
  left_chunk = place.tile_row * (TILE_ROWS / CHUNK_ROWS) * ROW_CHUNKS + first;
}

// The word where row `i` of matrices of a subgroup begins, MATRIX_K number `k` of the step; rows of a chunk are two words.
fn left_word(subgroup : u32, k : u32, i : u32) -> u32 {
  let row = (subgroup / SUBGROUPS_X) * UNIT_ROWS + i * MATRIX_M;
  let chunk = left_chunk + (row / CHUNK_ROWS) * ROW_CHUNKS + k * MATRIX_K / SEGMENT;
  return chunk * CHUNK_WORDS + (row % CHUNK_ROWS) * 2u + (k * MATRIX_K % SEGMENT) / 8u;
}
