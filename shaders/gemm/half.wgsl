// D = A * transpose(B) (+ C) in packed f16 arithmetic, promoted to f32 every DEPTH of K: for adapters with shader-f16
// and without matrix units. Needs: operands.wgsl and what it needs, halves.wgsl, halves-unit.wgsl, eight-rows.wgsl,
// half-pair.wgsl, fold.wgsl, place.wgsl, one of place-*.wgsl, strip.wgsl, one of addend-*.wgsl, one of output-*.wgsl.
// Constants: TILE_ROWS, TILE_COLS, DEPTH.
//
// Tile: TILE_ROWS x TILE_COLS of D (128 x 128, or 64 x 64 where D is small) a workgroup, DEPTH (32) of K a step.
// Threads: one to 8 x 8 of D (256 or 64), as in portable.wgsl. Workgroup memory: 2 * DEPTH * (TILE_ROWS + TILE_COLS)
// bytes: 16 KiB for 128 x 128 x 32, WebGPU's default limit.
//
// A tile holds eight consecutive k of a row as one vector of four pairs. A pair is multiplied by a pair and added to a
// pair of sums, one instruction for two products where f16 is packed, and no half has to be moved from one pair to
// another: an output's two sums meet at the promotion. Values are kept below 2^5, so that DEPTH / 2 products do not
// overflow a sum.
const THREADS_X : u32 = TILE_COLS / 8u;
const THREADS_Y : u32 = TILE_ROWS / 8u;
const THREADS : u32 = THREADS_X * THREADS_Y;
const OCTETS : u32 = DEPTH / 8u;
const STEP_SEGMENTS : u32 = DEPTH / SEGMENT;
// Segments of a step: A's first, row by row, then B's.
const A_UNITS : u32 = TILE_ROWS * STEP_SEGMENTS;
const B_UNITS : u32 = TILE_COLS * STEP_SEGMENTS;
const UNITS : u32 = (TILE_ROWS + TILE_COLS) * STEP_SEGMENTS / THREADS;

var<workgroup> a_tile : array<vec4<u32>, OCTETS * TILE_ROWS>;
var<workgroup> b_tile : array<vec4<u32>, OCTETS * TILE_COLS>;

// Thread t of a side's `threads` owns rows 8t to 8t + 7 of a tile; they lie in slots t, t + threads, t + 2 * threads,
// ...
fn row_of_slot(slot : u32, threads : u32) -> u32 {
  return (slot % threads) * 8u + slot / threads;
}

// Unit number `unit` of the step that begins at segment `first`; nothing beyond the tile's rows and columns.
fn fetch(unit : u32, place : Place, first : u32) -> Unit {
  if (unit < A_UNITS) {
    let row = place.row + row_of_slot(unit % TILE_ROWS, THREADS_Y);
    if (row >= place.row_end) { return Unit(); }
    return fetch_row(A, A_FORMAT, row, first + unit / TILE_ROWS, place.end_step);
  }
  let col = place.col + row_of_slot((unit - A_UNITS) % TILE_COLS, THREADS_X);
  if (col >= place.col_end) { return Unit(); }
  return fetch_row(B, B_FORMAT, place.b_row + col, first + (unit - A_UNITS) / TILE_COLS, place.end_step);
}

// Numbers are within these bounds; that they are spares a check of each index (robustness), which costs more.
fn fill(unit : u32, values : Unit) {
  if (unit < A_UNITS) {
    let number = min(unit, A_UNITS - 1u);
    let at = (number / TILE_ROWS) * 2u * TILE_ROWS + number % TILE_ROWS;
    a_tile[at] = vec4<u32>(quad_halves(A_FORMAT, values, 0u), quad_halves(A_FORMAT, values, 1u));
    a_tile[at + TILE_ROWS] = vec4<u32>(quad_halves(A_FORMAT, values, 2u), quad_halves(A_FORMAT, values, 3u));
  } else {
    let number = min(unit - A_UNITS, B_UNITS - 1u);
    let at = (number / TILE_COLS) * 2u * TILE_COLS + number % TILE_COLS;
    b_tile[at] = vec4<u32>(quad_halves(B_FORMAT, values, 0u), quad_halves(B_FORMAT, values, 1u));
    b_tile[at + TILE_COLS] = vec4<u32>(quad_halves(B_FORMAT, values, 2u), quad_halves(B_FORMAT, values, 3u));
  }
}

// Sums of a row's eight columns, pairs of halves, and of a thread's eight rows: as Rows in eight-rows.wgsl.
struct PairRow {
  c0 : HalfPair,
  c1 : HalfPair,
  c2 : HalfPair,
  c3 : HalfPair,
  c4 : HalfPair,
  c5 : HalfPair,
  c6 : HalfPair,
  c7 : HalfPair,
}

struct PairRows {
  r0 : PairRow,
  r1 : PairRow,
  r2 : PairRow,
  r3 : PairRow,
  r4 : PairRow,
  r5 : PairRow,
  r6 : PairRow,
  r7 : PairRow,
}

// Eight products of a row and a column, added to a pair of sums.
fn add_octet(sums : HalfPair, a : vec4<u32>, b : vec4<u32>) -> HalfPair {
  var added = fma(half_pair(a.x), half_pair(b.x), sums);
  added = fma(half_pair(a.y), half_pair(b.y), added);
  added = fma(half_pair(a.z), half_pair(b.z), added);
  return fma(half_pair(a.w), half_pair(b.w), added);
}

// Those of eight columns.
struct Octets {
  c0 : vec4<u32>,
  c1 : vec4<u32>,
  c2 : vec4<u32>,
  c3 : vec4<u32>,
  c4 : vec4<u32>,
  c5 : vec4<u32>,
  c6 : vec4<u32>,
  c7 : vec4<u32>,
}

fn add_octets(s : PairRow, a : vec4<u32>, b : Octets) -> PairRow {
  return PairRow(
    add_octet(s.c0, a, b.c0), add_octet(s.c1, a, b.c1), add_octet(s.c2, a, b.c2), add_octet(s.c3, a, b.c3),
    add_octet(s.c4, a, b.c4), add_octet(s.c5, a, b.c5), add_octet(s.c6, a, b.c6), add_octet(s.c7, a, b.c7),
  );
}

// Adds the products of eight consecutive k of the tile.
fn add_tile_octet(s : PairRows, octet : u32, x : u32, y : u32) -> PairRows {
  let at = min(octet, OCTETS - 1u) * TILE_COLS + min(x, THREADS_X - 1u);
  let b = Octets(
    b_tile[at], b_tile[at + THREADS_X], b_tile[at + 2u * THREADS_X], b_tile[at + 3u * THREADS_X],
    b_tile[at + 4u * THREADS_X], b_tile[at + 5u * THREADS_X], b_tile[at + 6u * THREADS_X], b_tile[at + 7u * THREADS_X],
  );
  let a = min(octet, OCTETS - 1u) * TILE_ROWS + min(y, THREADS_Y - 1u);
  return PairRows(
    add_octets(s.r0, a_tile[a], b),
    add_octets(s.r1, a_tile[a + THREADS_Y], b),
    add_octets(s.r2, a_tile[a + 2u * THREADS_Y], b),
    add_octets(s.r3, a_tile[a + 3u * THREADS_Y], b),
    add_octets(s.r4, a_tile[a + 4u * THREADS_Y], b),
    add_octets(s.r5, a_tile[a + 5u * THREADS_Y], b),
    add_octets(s.r6, a_tile[a + 6u * THREADS_Y], b),
    add_octets(s.r7, a_tile[a + 7u * THREADS_Y], b),
  );
}

// A row's sums of halves, promoted.
fn promote_row(acc : Strip, s : PairRow) -> Strip {
  return Strip(
    acc.left + vec4<f32>(pair_sum(s.c0), pair_sum(s.c1), pair_sum(s.c2), pair_sum(s.c3)),
    acc.right + vec4<f32>(pair_sum(s.c4), pair_sum(s.c5), pair_sum(s.c6), pair_sum(s.c7)),
  );
}

// Writes a row of a thread's outputs, if D has it.
fn finish_row(place : Place, row : u32, col : u32, sums : Strip) {
  if (row >= place.row_end) { return; }
  let index = place.offset + row * params.pitch + col;
  let whole = unfolded(sum_exponent(row), column_powers(place.b_row + col), sums);
  store_output(index, add_addend(index, whole));
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let number = params.first_tile + workgroup.y * workgroups.x + workgroup.x;
  if (number >= params.end_tile) { return; }
  let place = place_of(number, TILE_ROWS, TILE_COLS);
  if (place.row >= place.row_end) { return; }

  var next = array<Unit, UNITS>();
  for (var i = 0u; i < UNITS; i++) {
    next[i] = fetch(i * THREADS + thread, place, place.first_step);
  }

  // What this thread computes: 8 rows from `row` on, 8 columns from `col` on.
  let at = thread_place(thread);
  let x = at.x;
  let y = at.y;
  let row = place.row + y * 8u;
  let col = place.col + x * 8u;
  let computes = row < place.row_end && col < place.col_end;
  var acc = Rows();

  for (var step = place.first_step; step < place.end_step; step += STEP_SEGMENTS) {
    for (var i = 0u; i < UNITS; i++) { fill(i * THREADS + thread, next[i]); }
    if (step + STEP_SEGMENTS < place.end_step) {
      for (var i = 0u; i < UNITS; i++) {
        next[i] = fetch(i * THREADS + thread, place, step + STEP_SEGMENTS);
      }
    }
    workgroupBarrier();

    if (computes) {
      // OCTETS is four.
      var sums = add_tile_octet(PairRows(), 0u, x, y);
      sums = add_tile_octet(sums, 1u, x, y);
      sums = add_tile_octet(sums, 2u, x, y);
      sums = add_tile_octet(sums, 3u, x, y);
      acc = Rows(
        promote_row(acc.r0, sums.r0), promote_row(acc.r1, sums.r1),
        promote_row(acc.r2, sums.r2), promote_row(acc.r3, sums.r3),
        promote_row(acc.r4, sums.r4), promote_row(acc.r5, sums.r5),
        promote_row(acc.r6, sums.r6), promote_row(acc.r7, sums.r7),
      );
    }
    workgroupBarrier();
  }

  if (computes) { finish_rows(place, row, col, acc); }
}
