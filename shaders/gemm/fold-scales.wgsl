// A row of scales as fold.wgsl needs it: a reference, the least power of two that the row's largest scale does not
// exceed, and for each scale the factor that values are multiplied by, the scale relative to the reference and lifted.
// Needs: operands.wgsl and what it needs, fold-layout.wgsl, fold-reference.wgsl. Constant: THREADS (of a workgroup).
var<workgroup> largest_scale : atomic<u32>;

// Called by all threads of a workgroup, once.
fn fold_scales(side : u32, scale_row : u32, thread : u32) {
  let operand = operand_of(side);
  let row = scale_row << operand.row_shift;
  var mine = 0u;
  for (var col = thread; col < operand.scale_cols; col += THREADS) {
    mine = max(mine, measure_of(scale_at(side, row, col << operand.col_shift)));
  }
  atomicMax(&largest_scale, mine);
  workgroupBarrier();
  let exponent = reference_exponent(atomicLoad(&largest_scale));
  if (thread == 0u) { folded[reference_index(side, scale_row)] = power_of_two(exponent); }
  for (var col = thread; col < operand.scale_cols; col += THREADS) {
    let scale = scale_at(side, row, col << operand.col_shift);
    folded[factor_index(side, scale_row * operand.scale_cols + col)] = scale * power_of_two(lift_of(side) - exponent);
  }
}
