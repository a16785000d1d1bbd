// Where a workgroup's tile lies in a product that is grouped along K: each group has a D of its own, the sum over its
// range of K. Needs: operands.wgsl, place.wgsl.
struct Steps {
  first : u32,
  end : u32,
}

@group(0) @binding(8) var<storage, read> ranges : array<Steps>;

fn place_of(number : u32, tile_rows : u32, tile_cols : u32) -> Place {
  let group = number / params.tiles;
  let tile = number % params.tiles;
  return Place(
    (tile / params.tile_cols) * tile_rows,
    params.a.rows,
    (tile % params.tile_cols) * tile_cols,
    params.cols,
    tile / params.tile_cols,
    0u,
    ranges[group].first,
    ranges[group].end,
    group * params.a.rows * params.pitch,
  );
}
