// Where a workgroup's tile lies in a grouped product whose groups have room for params.group_rows rows each, of which
// the first counts[group] are there; the rest is not touched. The counts stay on the GPU.
// Needs: operands.wgsl, place.wgsl.
@group(0) @binding(8) var<storage, read> counts : array<u32>;

fn place_of(number : u32, tile_rows : u32, tile_cols : u32) -> Place {
  let row_tile = number / params.tile_cols;
  let tiles_of_group = (params.group_rows + tile_rows - 1u) / tile_rows;
  let group = row_tile / tiles_of_group;
  let first = group * params.group_rows;
  let col = (number % params.tile_cols) * tile_cols;
  return Place(
    first + (row_tile % tiles_of_group) * tile_rows,
    first + min(counts[group], params.group_rows),
    col,
    params.cols,
    row_tile,
    group * params.cols,
    0u,
    params.steps,
    0u,
  );
}
