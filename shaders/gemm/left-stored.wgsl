// Matrices of A straight from the halves that decode-pass.wgsl has made, for few rows: what A does not take of workgroup
// memory lets more of B be under way. In place of left-tile.wgsl. Needs: matrix-mixed.wgsl, matrix-unit.wgsl,
// left-chunks.wgsl.

// Of the rows of A that subgroup number `subgroup` multiplies, row `i` of matrices, MATRIX_K number `k` of the step.
@diagnostic(off, chromium.subgroup_matrix_uniformity)
fn load_left(subgroup : u32, k : u32, i : u32) -> Left {
  return subgroupMatrixLoad<Left, row_major>(&a_decoded, left_word(subgroup, k, i), 2u);
}
