// Pairs of halves in f32 arithmetic, in place of shaders/gemm/half-pair.wgsl, rounded where that rounds.
alias HalfPair = vec2<f32>;

fn half_pair(bits : u32) -> HalfPair {
  return unpack2x16float(bits);
}

fn pair_sum(pair : HalfPair) -> f32 {
  let rounded = unpack2x16float(pack2x16float(pair));
  return rounded.x + rounded.y;
}
