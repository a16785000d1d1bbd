// Pairs of halves in f32 arithmetic, in place of shaders/gemm/half-pair.wgsl, rounded where that rounds.
alias HalfPair = vec2<f32>;

fn half_pair(bits : u32) -> HalfPair {
  return unpack2x16float(bits);
}

fn pair_sum(pair : HalfPair) -> f32 {
  // What packing makes of infinities WGSL does not say.
  let finite = abs(pair) <= vec2<f32>(65504.0);
  let rounded = select(pair, unpack2x16float(pack2x16float(select(vec2<f32>(), pair, finite))), finite);
  return rounded.x + rounded.y;
}
