// Where a workgroup's tile lies in a grouped product whose groups have room for params.group_rows rows each, of which
// the first counts[group] are there; the rest is not touched. The counts stay on the GPU.
// Needs: operands.wgsl, place.wgsl, one of order-*.wgsl.
@group(0) @binding(8) var<storage, read> counts : array<u32>;

fn place_of(number : u32, tile_rows : u32, tile_cols : u32) -> Place {
  return place_at(tile_in_order(number, params.tile_rows), 0u, tile_rows, tile_cols);
}

// Of the tile in row at.x and column at.y of tiles; K is not divided.
fn place_at(at : vec2<u32>, part : u32, tile_rows : u32, tile_cols : u32) -> Place {
  let tiles_of_group = (params.group_rows + tile_rows - 1u) / tile_rows;
  let group = at.x / tiles_of_group;
  let first = group * params.group_rows;
  return Place(
    first + (at.x % tiles_of_group) * tile_rows,
    first + min(counts[group], params.group_rows),
    at.y * tile_cols,
    params.cols,
    at.x,
    group * params.cols,
    0u,
    params.steps,
    0u,
  );
}
