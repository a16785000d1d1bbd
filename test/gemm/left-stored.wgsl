// In place of shaders/gemm/left-stored.wgsl, for matrix-unit.wgsl beside this.
fn load_left(subgroup : u32, k : u32, i : u32) -> Left {
  let first = left_word(subgroup, k, i);
  var m = Left();
  for (var e = 0u; e < MATRIX_M * MATRIX_K; e++) {
    let half = e % MATRIX_K;
    let word = a_decoded[first + (e / MATRIX_K) * 2u + half / 8u];
    m.e[e] = unpack2x16float(word[(half % 8u) / 2u])[half % 2u];
  }
  return m;
}
