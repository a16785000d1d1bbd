// In place of fold-rows.wgsl where scales are applied to sums, after promotion: values are taken as their codes have
// them, times a power of two of their format. Needs: lifted.wgsl.
fn fold_rows(side : u32, block : u32, part : u32, thread : u32) {}

fn row_power(side : u32, row : u32) -> f32 {
  return 1.0;
}

fn row_factor(side : u32, source : u32, power : f32, k : u32) -> f32 {
  return lift_of(side);
}
