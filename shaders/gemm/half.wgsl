// D = A * transpose(B) (+ C) in packed f16 arithmetic, promoted to f32 every DEPTH of K: for adapters with shader-f16
// and without matrix units. Needs: operands.wgsl and what it needs, halves.wgsl, halves-unit.wgsl, half-pair.wgsl,
// fold.wgsl, place.wgsl, one of place-*.wgsl, strip.wgsl, one of addend-*.wgsl, one of output-*.wgsl. Constants: TILE_ROWS, TILE_COLS, DEPTH.
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

// Thread t of a side's `threads` owns rows 8t to 8t + 7 of a tile; they lie in slots t, t + threads, t + 2 * threads, ...
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

// Eight products of a row and a column, added to a pair of sums.
fn add_octet(sums : HalfPair, a : vec4<u32>, b : vec4<u32>) -> HalfPair {
  var added = fma(half_pair(a.x), half_pair(b.x), sums);
  added = fma(half_pair(a.y), half_pair(b.y), added);
  added = fma(half_pair(a.z), half_pair(b.z), added);
  return fma(half_pair(a.w), half_pair(b.w), added);
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

  // What this thread computes: 8 rows from `row` on, 8 columns from `col` on; as in portable.wgsl.
  let group = thread / 32u;
  let x = (group % (THREADS_X / 8u)) * 8u + thread % 8u;
  let y = (group / (THREADS_X / 8u)) * 4u + (thread % 32u) / 8u;
  let row = place.row + y * 8u;
  let col = place.col + x * 8u;
  let computes = row < place.row_end && col < place.col_end;
  var acc = array<Strip, 8>();

  for (var step = place.first_step; step < place.end_step; step += STEP_SEGMENTS) {
    for (var i = 0u; i < UNITS; i++) { fill(i * THREADS + thread, next[i]); }
    if (step + STEP_SEGMENTS < place.end_step) {
      for (var i = 0u; i < UNITS; i++) {
        next[i] = fetch(i * THREADS + thread, place, step + STEP_SEGMENTS);
      }
    }
    workgroupBarrier();

    if (computes) {
      var sums = array<HalfPair, 64>();
      for (var octet = 0u; octet < OCTETS; octet++) {
        for (var j = 0u; j < 8u; j++) {
          let b = b_tile[octet * TILE_COLS + x + j * THREADS_X];
          for (var i = 0u; i < 8u; i++) {
            let a = a_tile[octet * TILE_ROWS + y + i * THREADS_Y];
            sums[i * 8u + j] = add_octet(sums[i * 8u + j], a, b);
          }
        }
      }
      for (var i = 0u; i < 8u; i++) {
        let at = i * 8u;
        acc[i] = Strip(
          acc[i].left + vec4<f32>(
            pair_sum(sums[at]), pair_sum(sums[at + 1u]), pair_sum(sums[at + 2u]), pair_sum(sums[at + 3u])
          ),
          acc[i].right + vec4<f32>(
            pair_sum(sums[at + 4u]), pair_sum(sums[at + 5u]), pair_sum(sums[at + 6u]), pair_sum(sums[at + 7u])
          ),
        );
      }
    }
    workgroupBarrier();
  }

  if (computes) {
    for (var i = 0u; i < 8u; i++) {
      if (row + i < place.row_end) {
        let index = place.offset + (row + i) * params.pitch + col;
        store_output(index, add_addend(index, unfolded(row + i, place.b_row + col, acc[i])));
      }
    }
  }
}
