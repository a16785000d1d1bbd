// Pairs of halves, as half.wgsl multiplies them.
alias HalfPair = vec2<f16>;

fn half_pair(bits : u32) -> HalfPair {
  return bitcast<vec2<f16>>(bits);
}

fn pair_sum(pair : HalfPair) -> f32 {
  return f32(pair.x) + f32(pair.y);
}
