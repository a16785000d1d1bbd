// Where a workgroup's tile lies in a product that is grouped along K: each group has a D of its own, the sum over its
// range of K. Needs: operands.wgsl, place.wgsl, one of order-*.wgsl.
struct Steps {
  first : u32,
  end : u32,
}

@group(0) @binding(8) var<storage, read> ranges : array<Steps>;

fn place_of(number : u32, tile_rows : u32, tile_cols : u32) -> Place {
  let at = tile_in_order(number % params.tiles, params.tiles / params.tile_cols);
  return place_at(at, number / params.tiles, tile_rows, tile_cols);
}

// Of the tile in row at.x and column at.y of tiles, in one group.
fn place_at(at : vec2<u32>, group : u32, tile_rows : u32, tile_cols : u32) -> Place {
  return Place(
    at.x * tile_rows,
    params.a.rows,
    at.y * tile_cols,
    params.cols,
    at.x,
    0u,
    ranges[group].first,
    ranges[group].end,
    group * params.a.rows * params.pitch,
  );
}
