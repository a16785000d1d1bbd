// Segments of B's rows, which are columns of the tile, for the matrix kernels. Needs: fetch-row.wgsl and what it needs,
// place.wgsl. Constant: ONE_FACTOR (a step's codes of B all have the same scale: found once, which saves each unit the
// way to its own).

// Of column `col` of the tile, segment `segment` of the step that begins at segment `first`.
fn fetch_column(col : u32, place : Place, first : u32, segment : u32) -> Unit {
  let tile_row = place.b_row + place.col;
  let row = tile_row + col;
  let scaled = select(vec2<u32>(row, first + segment), vec2<u32>(tile_row, first), ONE_FACTOR);
  return fetch_scaled(B, B_FORMAT, row, first + segment, place.end_step, scaled);
}
