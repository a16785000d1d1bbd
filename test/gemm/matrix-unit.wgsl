// Matrix units in software, in place of shaders/gemm/matrix/matrix-unit.wgsl: every thread of a subgroup multiplies all
// of the subgroup's matrices, in f32, and rounds sums in f16 after each. So the matrix kernels' data flow can be tested
// where there are no matrix units. Constants: COMPONENT_BITS and SUM_BITS, 16 or 32.
//
// Matrices are not passed on but named, because a software adapter takes minutes to compile copies of their elements:
// operands by the word of the tile where they begin, since the tile does not change between a load and the
// multiplication, and sums by a number. A sum is not used again once something was added to it, so that it is added to
// in place.
struct Left { first : u32 }
struct Right { first : u32 }
// 0 is a matrix of zeros.
struct Result { number : u32 }

const RESULT_SIZE : u32 = MATRIX_M * MATRIX_N;
// A subgroup's sums, of which the oldest are done with when there are new ones.
const RESULTS : u32 = MATRICES_Y * MATRICES_X;
var<private> results : array<f32, RESULTS * RESULT_SIZE>;
var<private> made : u32;

fn component(word : u32, k : u32) -> f32 {
  if (COMPONENT_BITS == 32u) { return bitcast<f32>(tile[min(word + k / 4u, TILE_WORDS - 1u)][k % 4u]); }
  return unpack2x16float(tile[min(word + k / 8u, TILE_WORDS - 1u)][(k % 8u) / 2u])[k % 2u];
}

const MATRICES_K : u32 = DEPTH / MATRIX_K;
const MATRIX_WORDS : u32 = MATRIX_K * SEGMENT_WORDS / SEGMENT;

fn load_left(subgroup : u32, step : u32, k : u32, i : u32) -> Left {
  let row = (subgroup % PLACES / SUBGROUPS_X) * UNIT_ROWS + i * MATRIX_M;
  let matrix = step * MATRICES_K + subgroup / PLACES * OWN_K + k;
  return Left(row * A_ROW_WORDS + matrix * MATRIX_WORDS);
}

fn load_right(subgroup : u32, k : u32, j : u32) -> Right {
  let row = (subgroup % SUBGROUPS_X) * UNIT_COLS + j * MATRIX_N;
  return Right(A_WORDS + row * ROW_WORDS + (subgroup / PLACES * OWN_K + k) * MATRIX_WORDS);
}

fn multiply_accumulate(left : Left, right : Right, sum : Result) -> Result {
  var number = sum.number;
  if (number == 0u) {
    number = made % RESULTS + 1u;
    made += 1u;
    for (var e = 0u; e < RESULT_SIZE; e++) { results[(number - 1u) * RESULT_SIZE + e] = 0.0; }
  }
  var rights = array<f32, MATRIX_N * MATRIX_K>();
  for (var e = 0u; e < MATRIX_N * MATRIX_K; e++) {
    rights[e] = component(right.first + (e / MATRIX_K) * ROW_WORDS, e % MATRIX_K);
  }
  for (var e = 0u; e < MATRIX_M * MATRIX_K; e++) {
    let value = component(left.first + (e / MATRIX_K) * A_ROW_WORDS, e % MATRIX_K);
    let row = (number - 1u) * RESULT_SIZE + (e / MATRIX_K) * MATRIX_N;
    for (var col = 0u; col < MATRIX_N; col++) {
      results[row + col] += value * rights[col * MATRIX_K + e % MATRIX_K];
    }
  }
  if (SUM_BITS == 16u) {
    for (var e = (number - 1u) * RESULT_SIZE; e < number * RESULT_SIZE; e++) {
      results[e] = unpack2x16float(half_of(results[e])).x;
    }
  }
  return Result(number);
}

// Whole words: a thread of the subgroup writes each, all of them the same values.
fn store_result(subgroup : u32, j : u32, sum : Result) {
  let words = MATRIX_N / 8u * STRIP_WORDS;
  let offset = subgroup * BAND_WORDS + j * words;
  for (var i = 0u; i < MATRIX_M * words; i++) {
    let row = i / words;
    let word = i % words;
    var values = vec4<u32>();
    if (sum.number > 0u) { values = result_word((sum.number - 1u) * RESULT_SIZE + row * MATRIX_N, word); }
    tile[min(offset + row * BAND_ROW_WORDS + word, TILE_WORDS - 1u)] = values;
  }
}

// A word of a row that begins at element `row`.
fn result_word(row : u32, word : u32) -> vec4<u32> {
  if (SUM_BITS == 32u) {
    let at = row + word * 4u;
    return bitcast<vec4<u32>>(vec4<f32>(results[at], results[at + 1u], results[at + 2u], results[at + 3u]));
  }
  let at = row + word * 8u;
  return vec4<u32>(result_pair(at), result_pair(at + 2u), result_pair(at + 4u), result_pair(at + 6u));
}

fn result_pair(at : u32) -> u32 {
  return half_of(results[at]) | (half_of(results[at + 1u]) << 16u);
}

// WGSL does not say what packing makes of values that a half cannot hold.
fn half_of(value : f32) -> u32 {
  let bits = bitcast<u32>(value);
  let magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) { return 0x7e00u; }
  if (magnitude >= 0x477ff000u) { return ((bits >> 16u) & 0x8000u) | 0x7c00u; }
  return pack2x16float(vec2<f32>(value, 0.0)) & 0xffffu;
}
