// In place of fold.wgsl where scales are applied to sums, after promotion: values are taken as their codes have them,
// times a power of two of their format. Needs: lifted.wgsl.
fn factor_at(side : u32, row : u32, k : u32) -> f32 {
  return lift_of(side);
}
