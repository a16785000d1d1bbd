// Where a workgroup's tile lies in a product of two matrices. Needs: operands.wgsl, place.wgsl, one of order-*.wgsl.

// Of tile number `number` of the params' count. Parts of K follow one another in the output, each as large as D.
fn place_of(number : u32, tile_rows : u32, tile_cols : u32) -> Place {
  let at = tile_in_order(number % params.tiles, params.tile_rows);
  return place_at(at, number / params.tiles, tile_rows, tile_cols);
}

// Of the tile in row at.x and column at.y of tiles, in one part of K.
fn place_at(at : vec2<u32>, part : u32, tile_rows : u32, tile_cols : u32) -> Place {
  let first_step = part * params.split_steps;
  return Place(
    at.x * tile_rows,
    params.a.rows,
    at.y * tile_cols,
    params.cols,
    at.x,
    0u,
    first_step,
    min(first_step + params.split_steps, params.steps),
    part * params.a.rows * params.pitch,
  );
}
