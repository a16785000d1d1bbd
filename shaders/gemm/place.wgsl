// Where a workgroup's tile lies: in D, in the operands, and along K.
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
