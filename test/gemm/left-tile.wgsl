// In place of shaders/gemm/left-tile.wgsl, for matrix-unit.wgsl beside this.
fn seek_left(place : Place, first : u32) {}

fn load_left(subgroup : u32, k : u32, i : u32) -> Left {
  let first = ((subgroup / SUBGROUPS_X) * UNIT_ROWS + i * MATRIX_M) * A_ROW_WORDS + k * MATRIX_WORDS;
  var m = Left();
  for (var e = 0u; e < MATRIX_M * MATRIX_K; e++) {
    m.e[e] = component(first + (e / MATRIX_K) * A_ROW_WORDS, e % MATRIX_K);
  }
  return m;
}
