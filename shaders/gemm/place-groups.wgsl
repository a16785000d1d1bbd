// Where a workgroup's tile lies in a grouped product: a row of tiles belongs to one group, of the rows of A and of D,
// and multiplies that group's rows of B. Needs: operands.wgsl, place.wgsl, one of order-*.wgsl.
struct RowTile {
  // The tile's first row and the first row beyond its group.
  row : u32,
  row_end : u32,
  group : u32,
  unused : u32,
}

// One for each row of tiles, so that groups of any sizes take no more workgroups than they need.
@group(0) @binding(8) var<storage, read> row_tiles : array<RowTile>;

fn place_of(number : u32, tile_rows : u32, tile_cols : u32) -> Place {
  return place_at(tile_in_order(number, params.tile_rows), 0u, tile_rows, tile_cols);
}

// Of the tile in row at.x and column at.y of tiles; K is not divided.
fn place_at(at : vec2<u32>, part : u32, tile_rows : u32, tile_cols : u32) -> Place {
  let row_tile = row_tiles[at.x];
  let col = at.y * tile_cols;
  return Place(
    row_tile.row, row_tile.row_end, col, params.cols, at.x, row_tile.group * params.cols, 0u, params.steps, 0u
  );
}
