// In place of shaders/gemm/left-tile.wgsl, for matrix-unit.wgsl beside this.
fn seek_left(place : Place, first : u32) {}

fn load_left(subgroup : u32, k : u32, i : u32) -> Left {
  let offset = matrix_word((subgroup / SUBGROUPS_X) * UNIT_ROWS + i * MATRIX_M, k);
  var m = Left();
  for (var e = 0u; e < MATRIX_M * MATRIX_K; e++) { m.e[e] = component(offset, e / MATRIX_K, e % MATRIX_K); }
  return m;
}
