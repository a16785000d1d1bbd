// What the matrix kernels share: the operands of a step in workgroup memory, their way there, and the multiplication.
// Needs: operands.wgsl and what it needs, place.wgsl, one of place-*.wgsl, strip.wgsl, matrix-unit.wgsl, halves-unit.wgsl, one of
// matrix-fill-*.wgsl.
// Constants: those of matrix-unit.wgsl; TILE_ROWS, TILE_COLS, DEPTH; UNIT_ROWS, UNIT_COLS; SUBGROUP_SIZE.
//
// A subgroup computes UNIT_ROWS x UNIT_COLS of D (64 x 64): a matrix loaded from workgroup memory then serves four
// multiplications, which is what keeps the units busy. Rows in workgroup memory are one word of 16 bytes longer than
// DEPTH, so that the rows of a matrix begin in different banks.
const SUBGROUPS_X : u32 = TILE_COLS / UNIT_COLS;
const SUBGROUPS : u32 = (TILE_ROWS / UNIT_ROWS) * SUBGROUPS_X;
const THREADS : u32 = SUBGROUP_SIZE * SUBGROUPS;
const MATRICES_Y : u32 = UNIT_ROWS / MATRIX_M;
const MATRICES_X : u32 = UNIT_COLS / MATRIX_N;

const STEP_SEGMENTS : u32 = DEPTH / SEGMENT;
const ROW_WORDS : u32 = STEP_SEGMENTS * SEGMENT_WORDS + 1u;
const OPERAND_WORDS : u32 = (TILE_ROWS + TILE_COLS) * ROW_WORDS;
// Segments of a step: A's first, row by row, then B's.
const A_UNITS : u32 = TILE_ROWS * STEP_SEGMENTS;
const ALL_UNITS : u32 = (TILE_ROWS + TILE_COLS) * STEP_SEGMENTS;
// Of them, each thread's; the last may be too many.
const UNITS : u32 = (ALL_UNITS + THREADS - 1u) / THREADS;
const UNITS_EVEN : bool = ALL_UNITS % THREADS == 0u;

// On the way out a subgroup's results lie here band by band, MATRIX_M rows of UNIT_COLS f32s.
const BAND_ROW_WORDS : u32 = UNIT_COLS / 4u;
const BAND_WORDS : u32 = MATRIX_M * BAND_ROW_WORDS;
const BAND_STRIPS : u32 = BAND_WORDS / 2u;
const LANE_STRIPS : u32 = (BAND_STRIPS + SUBGROUP_SIZE - 1u) / SUBGROUP_SIZE;

const TILE_WORDS : u32 = max(OPERAND_WORDS, SUBGROUPS * BAND_WORDS);
var<workgroup> tile : array<vec4<u32>, TILE_WORDS>;

// Unit number `unit` of the step that begins at segment `first`; nothing beyond the tile's rows and columns.
fn fetch(unit : u32, place : Place, first : u32) -> Unit {
  if (unit < A_UNITS) {
    let row = place.row + unit / STEP_SEGMENTS;
    if (row >= place.row_end) { return Unit(); }
    return fetch_row(A, A_FORMAT, row, first + unit % STEP_SEGMENTS, place.end_step);
  }
  let number = unit - A_UNITS;
  let col = place.col + number / STEP_SEGMENTS;
  if (col >= place.col_end) { return Unit(); }
  return fetch_row(B, B_FORMAT, place.b_row + col, first + number % STEP_SEGMENTS, place.end_step);
}

// Here and below, numbers are within the bounds that they are held to; saying so spares a check of each index
// (robustness), which costs more.
fn fill(unit : u32, values : Unit) {
  if (!UNITS_EVEN && unit >= ALL_UNITS) { return; }
  let number = min(unit, ALL_UNITS - 1u);
  let at = (number / STEP_SEGMENTS) * ROW_WORDS + (number % STEP_SEGMENTS) * SEGMENT_WORDS;
  if (unit < A_UNITS) {
    fill_segment(A_FORMAT, at, values);
  } else {
    fill_segment(B_FORMAT, at, values);
  }
}

// Adds the products of a step in the tile to the sums of subgroup number `subgroup`.
fn multiply_step(subgroup : u32, sums : ptr<function, array<Result, MATRICES_Y * MATRICES_X>>) {
  let row = (subgroup / SUBGROUPS_X) * UNIT_ROWS;
  let col = (subgroup % SUBGROUPS_X) * UNIT_COLS;
  for (var k = 0u; k < DEPTH / MATRIX_K; k++) {
    let word = k * (MATRIX_K * SEGMENT_WORDS / SEGMENT);
    var left = array<Left, MATRICES_Y>();
    for (var i = 0u; i < MATRICES_Y; i++) { left[i] = load_left((row + i * MATRIX_M) * ROW_WORDS + word); }
    for (var j = 0u; j < MATRICES_X; j++) {
      let right = load_right((TILE_ROWS + col + j * MATRIX_N) * ROW_WORDS + word);
      for (var i = 0u; i < MATRICES_Y; i++) {
        sums[i * MATRICES_X + j] = multiply_accumulate(left[i], right, sums[i * MATRICES_X + j]);
      }
    }
  }
}

// Writes band `i` of a subgroup's sums to where band_strip() reads them.
fn store_band(subgroup : u32, i : u32, sums : ptr<function, array<Result, MATRICES_Y * MATRICES_X>>) {
  for (var j = 0u; j < MATRICES_X; j++) {
    store_result(subgroup * BAND_WORDS + j * (MATRIX_N / 4u), sums[min(i, MATRICES_Y - 1u) * MATRICES_X + j]);
  }
}

// Strip number `strip` of a subgroup's band, counted row by row.
fn band_strip(subgroup : u32, strip : u32) -> Strip {
  let at = min(subgroup, SUBGROUPS - 1u) * BAND_WORDS + 2u * min(strip, BAND_STRIPS - 1u);
  return Strip(bitcast<vec4<f32>>(tile[at]), bitcast<vec4<f32>>(tile[at + 1u]));
}

// Row and column in the tile of strip `strip` of band `i` of a subgroup.
fn strip_place(subgroup : u32, i : u32, strip : u32) -> vec2<u32> {
  let strips = UNIT_COLS / 8u;
  let row = (subgroup / SUBGROUPS_X) * UNIT_ROWS + i * MATRIX_M + strip / strips;
  let col = (subgroup % SUBGROUPS_X) * UNIT_COLS + (strip % strips) * 8u;
  return vec2<u32>(row, col);
}
