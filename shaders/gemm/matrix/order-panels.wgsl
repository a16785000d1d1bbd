// Tiles of D, numbered column by column in panels of 16 rows of tiles: the order in which workgroups take them. Those
// that run at once then need few rows of either operand, which stay in the second-level cache. Row by row, `matrix`
// took 13 % longer for 4096 x 24576 x 1536 on an H200 and 2 % for 8192 x 8192 x 8192; panels of 8 rows did less for the
// former, of 32 for the latter. Needs: operands.wgsl.
const PANEL_ROWS : u32 = 16u;

// Row and column of tiles of tile number `number`, of `rows` rows of params.tile_cols tiles.
fn tile_in_order(number : u32, rows : u32) -> vec2<u32> {
  let of_panel = PANEL_ROWS * params.tile_cols;
  let first = number / of_panel * PANEL_ROWS;
  let height = min(rows - first, PANEL_ROWS);
  return vec2<u32>(first + number % of_panel % height, number % of_panel / height);
}
