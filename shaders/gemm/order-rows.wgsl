// Tiles of D, numbered row by row: the order in which workgroups take them. Needs: operands.wgsl.

// Row and column of tiles of tile number `number`, of `rows` rows of params.tile_cols tiles.
fn tile_in_order(number : u32, rows : u32) -> vec2<u32> {
  return vec2<u32>(number / params.tile_cols, number % params.tile_cols);
}
