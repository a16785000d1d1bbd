// The matrix units, as the matrix kernels use them: three kinds of matrices that a subgroup holds together, loaded from
// and stored to the workgroup's `tile` (matrix-tile.wgsl). Constants: MATRIX_M, MATRIX_N, MATRIX_K, a shape that the
// adapter offers; Component and Sum (aliases of f16 or f32).
//
// Every thread of a subgroup calls these with the same arguments: they depend on local_invocation_id.y alone, and a row
// of the workgroup is one subgroup, or several that then do the same work; that this is uniform Tint cannot see, hence
// the diagnostics. Each part of an offset is within the bound that it is held to; saying so here, where the access is,
// spares the guards that Tint puts around accesses that it cannot prove to be in bounds (robustness), which cost a
// third of a kernel's speed. Parts that are constant at a call cost nothing.
alias Left = subgroup_matrix_left<Component, MATRIX_K, MATRIX_M>;
alias Right = subgroup_matrix_right<Component, MATRIX_N, MATRIX_K>;
alias Result = subgroup_matrix_result<Sum, MATRIX_N, MATRIX_M>;

// Words of MATRIX_K elements of a row, and how many of them a step has.
const MATRIX_WORDS : u32 = MATRIX_K * SEGMENT_WORDS / SEGMENT;
const MATRICES_K : u32 = DEPTH / MATRIX_K;

// Of the rows of A that subgroup number `subgroup` multiplies, row `i` of matrices, MATRIX_K number `k` of its own in
// step `step` of those in A_DEPTH.
@diagnostic(off, chromium.subgroup_matrix_uniformity)
fn load_left(subgroup : u32, step : u32, k : u32, i : u32) -> Left {
  let row = min(subgroup % PLACES / SUBGROUPS_X, TILE_ROWS / UNIT_ROWS - 1u) * UNIT_ROWS;
  let first = row * A_ROW_WORDS + min(i, MATRICES_Y - 1u) * (MATRIX_M * A_ROW_WORDS);
  let words = min(step, A_STEPS - 1u) * (MATRICES_K * MATRIX_WORDS) + min(k, OWN_K - 1u) * MATRIX_WORDS;
  let at = first + min(subgroup / PLACES, K_SUBGROUPS - 1u) * (OWN_K * MATRIX_WORDS) + words;
  return subgroupMatrixLoad<Left, row_major>(&tile, at, A_ROW_WORDS);
}

// Of the rows of B, which are columns here, column `j` of matrices, MATRIX_K number `k` of its own.
@diagnostic(off, chromium.subgroup_matrix_uniformity)
fn load_right(subgroup : u32, k : u32, j : u32) -> Right {
  let row = (subgroup % SUBGROUPS_X) * UNIT_COLS;
  let first = A_WORDS + row * ROW_WORDS + min(j, MATRICES_X - 1u) * (MATRIX_N * ROW_WORDS);
  let own = min(subgroup / PLACES, K_SUBGROUPS - 1u) * (OWN_K * MATRIX_WORDS);
  let at = first + own + min(k, OWN_K - 1u) * MATRIX_WORDS;
  return subgroupMatrixLoad<Right, col_major>(&tile, at, ROW_WORDS);
}

@diagnostic(off, chromium.subgroup_matrix_uniformity)
fn multiply_accumulate(left : Left, right : Right, sum : Result) -> Result {
  return subgroupMatrixMultiplyAccumulate(left, right, sum);
}

// Number `j` of the matrices side by side in the subgroup's band, rows BAND_ROW_WORDS words apart.
@diagnostic(off, chromium.subgroup_matrix_uniformity)
fn store_result(subgroup : u32, j : u32, sum : Result) {
  let band = min(subgroup, SUBGROUPS - 1u) * BAND_WORDS;
  let at = band + min(j, MATRICES_X - 1u) * (MATRIX_N / 8u * STRIP_WORDS);
  subgroupMatrixStore<row_major>(&tile, at, sum, BAND_ROW_WORDS);
}
