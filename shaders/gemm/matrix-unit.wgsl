// The matrix units, as the matrix kernels use them: three kinds of matrices that a subgroup holds together, loaded from
// and stored to the workgroup's `tile` (matrix-tile.wgsl). Constants: MATRIX_M, MATRIX_N, MATRIX_K, a shape that the
// adapter offers; Component (an alias of f16 or f32). Results are f32.
//
// Every thread of a subgroup calls these with the same arguments: they depend on local_invocation_id.y alone, and a
// row of the workgroup is one subgroup, or several that then do the same work; that this is uniform Tint cannot see,
// hence the diagnostics. Offsets are within the bounds that they are held to; saying so spares the guards that Tint puts
// around accesses that it cannot prove to be in bounds (robustness), which cost a third of a kernel's speed.
alias Left = subgroup_matrix_left<Component, MATRIX_K, MATRIX_M>;
alias Right = subgroup_matrix_right<Component, MATRIX_N, MATRIX_K>;
alias Result = subgroup_matrix_result<f32, MATRIX_N, MATRIX_M>;

// The last words at which a matrix can begin.
const MATRIX_WORDS : u32 = MATRIX_K * SEGMENT_WORDS / SEGMENT;
const LAST_LEFT : u32 = TILE_WORDS - (MATRIX_M - 1u) * ROW_WORDS - MATRIX_WORDS;
const LAST_RIGHT : u32 = TILE_WORDS - (MATRIX_N - 1u) * ROW_WORDS - MATRIX_WORDS;
const LAST_RESULT : u32 = TILE_WORDS - (MATRIX_M - 1u) * BAND_ROW_WORDS - MATRIX_N / 4u;

// MATRIX_M rows of A from word `offset` on, rows ROW_WORDS words apart.
@diagnostic(off, chromium.subgroup_matrix_uniformity)
fn load_left(offset : u32) -> Left {
  return subgroupMatrixLoad<Left, row_major>(&tile, min(offset, LAST_LEFT), ROW_WORDS);
}

// MATRIX_N rows of B, which are columns here.
@diagnostic(off, chromium.subgroup_matrix_uniformity)
fn load_right(offset : u32) -> Right {
  return subgroupMatrixLoad<Right, col_major>(&tile, min(offset, LAST_RIGHT), ROW_WORDS);
}

@diagnostic(off, chromium.subgroup_matrix_uniformity)
fn multiply_accumulate(left : Left, right : Right, sum : Result) -> Result {
  return subgroupMatrixMultiplyAccumulate(left, right, sum);
}

// As f32, rows BAND_ROW_WORDS words apart.
@diagnostic(off, chromium.subgroup_matrix_uniformity)
fn store_result(offset : u32, sum : Result) {
  subgroupMatrixStore<row_major>(&tile, min(offset, LAST_RESULT), sum, BAND_ROW_WORDS);
}
