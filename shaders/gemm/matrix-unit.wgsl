// The matrix units, as the matrix kernels use them: three kinds of matrices that a subgroup holds together, loaded from
// and stored to the workgroup's `tile` (matrix-tile.wgsl). Constants: MATRIX_M, MATRIX_N, MATRIX_K, a shape that the
// adapter offers; Component (an alias of f16 or f32). Results are f32.
//
// Every thread of a subgroup calls these with the same arguments: they depend on local_invocation_id.y alone, and a
// row of the workgroup is one subgroup, or several that then do the same work. Offsets made of local_invocation_id are
// what Tint can prove to be in bounds; that they are uniform it cannot, hence the diagnostics.
alias Left = subgroup_matrix_left<Component, MATRIX_K, MATRIX_M>;
alias Right = subgroup_matrix_right<Component, MATRIX_N, MATRIX_K>;
alias Result = subgroup_matrix_result<f32, MATRIX_N, MATRIX_M>;

// MATRIX_M rows of A from word `offset` on, rows ROW_WORDS words apart.
@diagnostic(off, chromium.subgroup_matrix_uniformity)
fn load_left(offset : u32) -> Left {
  return subgroupMatrixLoad<Left, row_major>(&tile, offset, ROW_WORDS);
}

// MATRIX_N rows of B, which are columns here.
@diagnostic(off, chromium.subgroup_matrix_uniformity)
fn load_right(offset : u32) -> Right {
  return subgroupMatrixLoad<Right, col_major>(&tile, offset, ROW_WORDS);
}

@diagnostic(off, chromium.subgroup_matrix_uniformity)
fn multiply_accumulate(left : Left, right : Right, sum : Result) -> Result {
  return subgroupMatrixMultiplyAccumulate(left, right, sum);
}

// As f32, rows BAND_ROW_WORDS words apart.
@diagnostic(off, chromium.subgroup_matrix_uniformity)
fn store_result(offset : u32, sum : Result) {
  subgroupMatrixStore<row_major>(&tile, offset, sum, BAND_ROW_WORDS);
}
