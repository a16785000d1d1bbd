// Where a workgroup's tile lies: in D, in the operands, and along K; and in which order workgroups take tiles. Needs:
// operands.wgsl.
struct Place {
  // Rows of A and of D from `row` to row_end - 1, columns of D from `col` to col_end - 1, as far as the tile reaches.
  row : u32,
  row_end : u32,
  col : u32,
  col_end : u32,
  // The number of the tile's row of tiles, counted through all of A.
  tile_row : u32,
  // The row of B that belongs to column 0.
  b_row : u32,
  // Steps of K.
  first_step : u32,
  end_step : u32,
  // Element (row, col) lies at offset + row * params.pitch + col of the output.
  offset : u32,
}

// Rows of tiles whose tiles follow one another column by column. Workgroups that run at once then need few rows of
// either operand, which stay in the second-level cache: row by row, 4096 x 24576 x 1536 took 13 % longer on an H200 and
// 8192 x 8192 x 8192 2 %.
const ROWS_TOGETHER : u32 = 16u;

// Row and column of tiles of tile number `number`, of `rows` rows of params.tile_cols tiles.
fn tile_in_order(number : u32, rows : u32) -> vec2<u32> {
  if (rows == 1u) { return vec2<u32>(0u, number); }
  let together = ROWS_TOGETHER * params.tile_cols;
  let first = number / together * ROWS_TOGETHER;
  let high = min(rows - first, ROWS_TOGETHER);
  return vec2<u32>(first + number % together % high, number % together / high);
}
