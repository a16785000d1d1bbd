// Matrices of A out of the tile of the matrix kernels. Needs: matrix-tile.wgsl, matrix-unit.wgsl.

// Before a step is multiplied.
fn seek_left(place : Place, first : u32) {}

// Of the rows of A that subgroup number `subgroup` multiplies, row `i` of matrices, MATRIX_K number `k` of A_DEPTH.
@diagnostic(off, chromium.subgroup_matrix_uniformity)
fn load_left(subgroup : u32, k : u32, i : u32) -> Left {
  let row = min(subgroup / SUBGROUPS_X, TILE_ROWS / UNIT_ROWS - 1u) * UNIT_ROWS;
  let first = row * A_ROW_WORDS + min(i, MATRICES_Y - 1u) * (MATRIX_M * A_ROW_WORDS);
  let at = first + min(k, A_STEPS * MATRICES_K - 1u) * MATRIX_WORDS;
  return subgroupMatrixLoad<Left, row_major>(&tile, at, A_ROW_WORDS);
}
