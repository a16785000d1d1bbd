// Where the folded scales lie that fold-pass.wgsl writes and fold.wgsl reads, and what both compute with: in one buffer
// the references of A's rows of scales, of B's, then A's factors, one for each scale, and B's.
// Needs: operands.wgsl. Constants: A_LIFT, B_LIFT (exponents).
fn lift_of(side : u32) -> i32 {
  if (side == A) { return A_LIFT; }
  return B_LIFT;
}

// 2^exponent of a normal f32.
fn power_of_two(exponent : i32) -> f32 {
  return bitcast<f32>(u32(exponent + 127) << 23u);
}

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
