// Where a workgroup's tile lies in a product of two matrices. Needs: operands.wgsl, place.wgsl.

// Of tile number `number` of the params' count. Parts of K follow one another in the output, each as large as D.
fn place_of(number : u32, tile_rows : u32, tile_cols : u32) -> Place {
  let part = number / params.tiles;
  let tile = number % params.tiles;
  let first_step = part * params.split_steps;
  return Place(
    (tile / params.tile_cols) * tile_rows,
    params.a.rows,
    (tile % params.tile_cols) * tile_cols,
    params.cols,
    tile / params.tile_cols,
    0u,
    first_step,
    min(first_step + params.split_steps, params.steps),
    part * params.a.rows * params.pitch,
  );
}
