// What the matrix kernels share: the operands of a step in workgroup memory, their way there, and the multiplication.
// Needs: operands.wgsl and what it needs, place.wgsl, one of place-*.wgsl, strip.wgsl, matrix-unit.wgsl,
// matrix-sums.wgsl, one of band-*.wgsl, and matrix-codes.wgsl or matrix-mixed.wgsl with one of matrix-fill-*.wgsl, or
// matrix-decoded.wgsl. Constants: those of matrix-unit.wgsl; TILE_ROWS, TILE_COLS, DEPTH; UNIT_ROWS, UNIT_COLS;
// SUBGROUP_SIZE; K_SUBGROUPS (that divide a step's K among them: 1, 2 or 4); STEPS_AT_ONCE (1, 2 or 4: steps come in
// multiples of it, and with A_STAGED they are 128 of K, or it is 1); IN_PAIRS (steps come in pairs of 128 of K, whose
// units are brought together; not where A is decoded before); A_STAGED (A's values are there for 128 of K, put there by
// stage.wgsl before the first step of them, and threads bring B's alone).
//
// A subgroup computes UNIT_ROWS x UNIT_COLS of D (64 x 64), or its share of their K: a matrix loaded from workgroup
// memory then serves four multiplications, which is what keeps the units busy. Rows in workgroup memory are one word of
// 16 bytes longer than DEPTH, so that the rows of a matrix begin in different banks.
const SUBGROUPS_X : u32 = TILE_COLS / UNIT_COLS;
// Those that have outputs of their own, and all.
const PLACES : u32 = (TILE_ROWS / UNIT_ROWS) * SUBGROUPS_X;
const SUBGROUPS : u32 = PLACES * K_SUBGROUPS;
const THREADS : u32 = SUBGROUP_SIZE * SUBGROUPS;
const MATRICES_Y : u32 = UNIT_ROWS / MATRIX_M;
const MATRICES_X : u32 = UNIT_COLS / MATRIX_N;

const STEP_SEGMENTS : u32 = DEPTH / SEGMENT;
// Segments of a row that are brought together. In a pair of steps the first eight codes of each are one step's and the
// others the other's, so that twice as many threads read side by side.
const SEGMENTS : u32 = STEP_SEGMENTS * select(1u, 2u, IN_PAIRS);
const ROW_WORDS : u32 = STEP_SEGMENTS * SEGMENT_WORDS + 1u;
// A's rows lie before B's; each holds A_STEPS steps.
const A_DEPTH : u32 = select(DEPTH, 128u, A_STAGED);
const A_STEPS : u32 = A_DEPTH / DEPTH;
const A_ROW_WORDS : u32 = A_DEPTH / SEGMENT * SEGMENT_WORDS + 1u;
const A_WORDS : u32 = TILE_ROWS * A_ROW_WORDS;
const OPERAND_WORDS : u32 = A_WORDS + TILE_COLS * ROW_WORDS;
// What threads bring to a step or a pair, in units of which A_UNITS are A's, and each thread's: the last may be one too
// many.
const UNITS : u32 = (ALL_UNITS + THREADS - 1u) / THREADS;
const UNITS_EVEN : bool = ALL_UNITS % THREADS == 0u;

// On the way out a subgroup's results lie here band by band, MATRIX_M rows of UNIT_COLS, as one of band-*.wgsl has it.
const ROW_STRIPS : u32 = UNIT_COLS / 8u;
const BAND_STRIPS : u32 = MATRIX_M * ROW_STRIPS;
const BAND_WORDS : u32 = MATRIX_M * BAND_ROW_WORDS;
const STRIP_LANES : u32 = SUBGROUP_SIZE * K_SUBGROUPS;
const LANE_STRIPS : u32 = (BAND_STRIPS + STRIP_LANES - 1u) / STRIP_LANES;

const TILE_WORDS : u32 = max(OPERAND_WORDS, SUBGROUPS * BAND_WORDS);
var<workgroup> tile : array<vec4<u32>, TILE_WORDS>;

// A thread's units of one step or pair, at most ten; a structure for the reason given in matrix-sums.wgsl.
struct Units {
  u0 : Unit,
  u1 : Unit,
  u2 : Unit,
  u3 : Unit,
  u4 : Unit,
  u5 : Unit,
  u6 : Unit,
  u7 : Unit,
  u8 : Unit,
  u9 : Unit,
}

// Whether a thread's unit number `i` is A's. i is a constant at each call, and mostly that decides.
fn of_a(i : u32, thread : u32) -> bool {
  if ((i + 1u) * THREADS <= A_UNITS) { return true; }
  if (i * THREADS >= A_UNITS) { return false; }
  return i * THREADS + thread < A_UNITS;
}

// Those of the step or pair that begins at segment `first`; of one beyond K, anything.
fn fetch_step(thread : u32, place : Place, first : u32) -> Units {
  var units = Units();
  units.u0 = fetch(0u, thread, place, first);
  if (UNITS > 1u) { units.u1 = fetch(1u, thread, place, first); }
  if (UNITS > 2u) { units.u2 = fetch(2u, thread, place, first); }
  if (UNITS > 3u) { units.u3 = fetch(3u, thread, place, first); }
  if (UNITS > 4u) { units.u4 = fetch(4u, thread, place, first); }
  if (UNITS > 5u) { units.u5 = fetch(5u, thread, place, first); }
  if (UNITS > 6u) { units.u6 = fetch(6u, thread, place, first); }
  if (UNITS > 7u) { units.u7 = fetch(7u, thread, place, first); }
  if (UNITS > 8u) { units.u8 = fetch(8u, thread, place, first); }
  if (UNITS > 9u) { units.u9 = fetch(9u, thread, place, first); }
  return units;
}

// `part` says which step of a pair.
fn fill_step(thread : u32, part : u32, units : Units) {
  fill(0u, thread, part, units.u0);
  if (UNITS > 1u) { fill(1u, thread, part, units.u1); }
  if (UNITS > 2u) { fill(2u, thread, part, units.u2); }
  if (UNITS > 3u) { fill(3u, thread, part, units.u3); }
  if (UNITS > 4u) { fill(4u, thread, part, units.u4); }
  if (UNITS > 5u) { fill(5u, thread, part, units.u5); }
  if (UNITS > 6u) { fill(6u, thread, part, units.u6); }
  if (UNITS > 7u) { fill(7u, thread, part, units.u7); }
  if (UNITS > 8u) { fill(8u, thread, part, units.u8); }
  if (UNITS > 9u) { fill(9u, thread, part, units.u9); }
}

// MATRIX_K's of a step that a subgroup multiplies.
const OWN_K : u32 = MATRICES_K / K_SUBGROUPS;

// Adds a subgroup's products of the step in the tile, number `number` of those that A is there for, to its sums. OWN_K
// is 1, 2, 4 or 8.
fn multiply_step(subgroup : u32, number : u32, sums : Sums) -> Sums {
  var next = multiply_one(subgroup, number, 0u, sums);
  if (OWN_K > 1u) { next = multiply_one(subgroup, number, 1u, next); }
  if (OWN_K > 2u) {
    next = multiply_one(subgroup, number, 2u, next);
    next = multiply_one(subgroup, number, 3u, next);
  }
  if (OWN_K > 4u) {
    next = multiply_one(subgroup, number, 4u, next);
    next = multiply_one(subgroup, number, 5u, next);
    next = multiply_one(subgroup, number, 6u, next);
    next = multiply_one(subgroup, number, 7u, next);
  }
  return next;
}

const_assert !IN_PAIRS || 2u * DEPTH == 128u;
const_assert K_SUBGROUPS == 1u || !A_STAGED;

// What a step changes.
struct Progress {
  next : Units,
  sums : Sums,
}

// Before the first step of a tile.
fn begin(thread : u32, place : Place) -> Progress {
  return Progress(fetch_step(thread, place, place.first_step), Sums());
}

// One step, number `number` of those that A is there for: what was fetched for it goes into the tile and is multiplied,
// while what the step that begins at segment `coming` needs is on its way.
fn advance(subgroup : u32, thread : u32, place : Place, number : u32, coming : u32, now : Progress) -> Progress {
  fill_step(thread, 0u, now.next);
  let next = fetch_step(thread, place, coming);
  workgroupBarrier();
  let sums = multiply_step(subgroup, number % A_STEPS, now.sums);
  workgroupBarrier();
  return Progress(next, sums);
}

// A pair of steps; what the pair from segment `coming` on needs is asked for as soon as the second step is in the tile.
fn advance_pair(subgroup : u32, thread : u32, place : Place, coming : u32, now : Progress) -> Progress {
  fill_step(thread, 0u, now.next);
  workgroupBarrier();
  let first = multiply_step(subgroup, 0u, now.sums);
  workgroupBarrier();
  fill_step(thread, 1u, now.next);
  let next = fetch_step(thread, place, coming);
  workgroupBarrier();
  let both = multiply_step(subgroup, 1u % A_STEPS, first);
  workgroupBarrier();
  return Progress(next, both);
}

// Steps from segment `start` on, which is in progress.next, up to segment `end`. In pairs: tiles of few rows have few
// codes under way in a step. Otherwise four or two at a time where their number allows, because a compiler may move
// what is fetched at the end of a loop to the beginning, where it has to be waited for.
fn advance_to_end(subgroup : u32, thread : u32, place : Place, start : u32, end : u32, progress : Progress) -> Progress {
  var now = progress;
  if (IN_PAIRS) {
    for (var step = start; step < end; step += SEGMENTS) {
      now = advance_pair(subgroup, thread, place, step + SEGMENTS, now);
    }
    return now;
  }
  if (STEPS_AT_ONCE == 4u) {
    for (var step = start; step < end; step += 4u * STEP_SEGMENTS) {
      now = advance(subgroup, thread, place, 0u, step + STEP_SEGMENTS, now);
      now = advance(subgroup, thread, place, 1u, step + 2u * STEP_SEGMENTS, now);
      now = advance(subgroup, thread, place, 2u, step + 3u * STEP_SEGMENTS, now);
      now = advance(subgroup, thread, place, 3u, step + 4u * STEP_SEGMENTS, now);
    }
    return now;
  }
  if (STEPS_AT_ONCE == 2u) {
    for (var step = start; step < end; step += 2u * STEP_SEGMENTS) {
      now = advance(subgroup, thread, place, 0u, step + STEP_SEGMENTS, now);
      now = advance(subgroup, thread, place, 1u, step + 2u * STEP_SEGMENTS, now);
    }
    return now;
  }
  for (var step = start; step < end; step += STEP_SEGMENTS) {
    now = advance(subgroup, thread, place, (step - start) / STEP_SEGMENTS, step + STEP_SEGMENTS, now);
  }
  return now;
}

// Strip number `strip` of a subgroup's band, counted row by row, of the sum of the subgroups that have shared its K.
fn whole_strip(subgroup : u32, strip : u32) -> Strip {
  var sum = band_strip(subgroup % PLACES, strip);
  for (var i = 1u; i < K_SUBGROUPS; i++) {
    let other = band_strip(subgroup % PLACES + i * PLACES, strip);
    sum = Strip(sum.left + other.left, sum.right + other.right);
  }
  return sum;
}

// Row and column in the tile of strip `strip` of band `i` of a subgroup.
fn strip_place(subgroup : u32, i : u32, strip : u32) -> vec2<u32> {
  let row = (subgroup % PLACES / SUBGROUPS_X) * UNIT_ROWS + i * MATRIX_M + strip / ROW_STRIPS;
  let col = (subgroup % SUBGROUPS_X) * UNIT_COLS + (strip % ROW_STRIPS) * 8u;
  return vec2<u32>(row, col);
}
