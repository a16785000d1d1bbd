// Where a workgroup's tile lies in a product of two matrices, all of K its own. Needs: operands.wgsl, place.wgsl,
// one of order-*.wgsl.
//
// Beside place-dense.wgsl, whose parts of K belong to workgroups of their own: here a part that is accumulated apart
// (params.split_steps) stays in the workgroup, and what is constant folds away.

// Of tile number `number` of the params' count.
fn place_of(number : u32, tile_rows : u32, tile_cols : u32) -> Place {
  let at = tile_in_order(number, params.tile_rows);
  return Place(
    at.x * tile_rows, params.a.rows, at.y * tile_cols, params.cols, at.x, 0u, 0u, params.steps, 0u
  );
}
