// Matrix units in software, in place of shaders/gemm/matrix-unit.wgsl: every thread of a subgroup holds whole matrices
// and computes all of them, in f32. So the matrix kernels' data flow can be tested where there are no matrix units.
// Constants: COMPONENT_BITS, 16 or 32.
struct Left { e : array<f32, MATRIX_M * MATRIX_K> }
struct Right { e : array<f32, MATRIX_N * MATRIX_K> }
struct Result { e : array<f32, MATRIX_M * MATRIX_N> }

fn component(word : u32, k : u32) -> f32 {
  if (COMPONENT_BITS == 32u) { return bitcast<f32>(tile[min(word + k / 4u, TILE_WORDS - 1u)][k % 4u]); }
  return unpack2x16float(tile[min(word + k / 8u, TILE_WORDS - 1u)][(k % 8u) / 2u])[k % 2u];
}

const MATRICES_K : u32 = DEPTH / MATRIX_K;
const MATRIX_WORDS : u32 = MATRIX_K * SEGMENT_WORDS / SEGMENT;

fn load_left(subgroup : u32, k : u32, i : u32) -> Left {
  let first = ((subgroup / SUBGROUPS_X) * UNIT_ROWS + i * MATRIX_M) * A_ROW_WORDS + k * MATRIX_WORDS;
  var m = Left();
  for (var e = 0u; e < MATRIX_M * MATRIX_K; e++) {
    m.e[e] = component(first + (e / MATRIX_K) * A_ROW_WORDS, e % MATRIX_K);
  }
  return m;
}

fn load_right(subgroup : u32, k : u32, j : u32) -> Right {
  let row = (subgroup % SUBGROUPS_X) * UNIT_COLS + j * MATRIX_N;
  let first = A_WORDS + row * ROW_WORDS + k * MATRIX_WORDS;
  var m = Right();
  for (var e = 0u; e < MATRIX_N * MATRIX_K; e++) {
    m.e[e] = component(first + (e / MATRIX_K) * ROW_WORDS, e % MATRIX_K);
  }
  return m;
}

fn multiply_accumulate(left : Left, right : Right, sum : Result) -> Result {
  var result = sum;
  for (var i = 0u; i < MATRIX_M * MATRIX_N; i++) {
    for (var k = 0u; k < MATRIX_K; k++) {
      result.e[i] += left.e[(i / MATRIX_N) * MATRIX_K + k] * right.e[(i % MATRIX_N) * MATRIX_K + k];
    }
  }
  return result;
}

// Whole words: a thread of the subgroup writes each, all of them the same values.
fn store_result(subgroup : u32, j : u32, sum : Result) {
  let offset = subgroup * BAND_WORDS + j * (MATRIX_N / 4u);
  for (var i = 0u; i < MATRIX_M * MATRIX_N / 4u; i++) {
    let row = i / (MATRIX_N / 4u);
    let word = i % (MATRIX_N / 4u);
    let at = row * MATRIX_N + word * 4u;
    tile[min(offset + row * BAND_ROW_WORDS + word, TILE_WORDS - 1u)] =
      bitcast<vec4<u32>>(vec4<f32>(sum.e[at], sum.e[at + 1u], sum.e[at + 2u], sum.e[at + 3u]));
  }
}
