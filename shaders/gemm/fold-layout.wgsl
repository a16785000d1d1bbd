// Where the folded scales lie that fold-scales.wgsl and fold-rows.wgsl write and fold.wgsl reads: in one buffer the
// references of A's rows of scales, of B's, then A's factors, one for each scale, and B's. Needs: operands.wgsl.
fn scale_rows(side : u32) -> u32 {
  let operand = operand_of(side);
  return ((operand.rows - 1u) >> operand.row_shift) + 1u;
}

// Of row number `scale_row` of scales.
fn reference_index(side : u32, scale_row : u32) -> u32 {
  return scale_row + select(0u, scale_rows(A), side == B);
}

// Of scale number `scale`.
fn factor_index(side : u32, scale : u32) -> u32 {
  return scale_rows(A) + scale_rows(B) + scale + select(0u, scale_rows(A) * params.a.scale_cols, side == B);
}
