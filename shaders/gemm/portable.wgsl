// D = A * transpose(B) (+ C) in f32, each value multiplied by its scale on the way into workgroup memory: the kernel
// that runs wherever WebGPU does. Needs: operands.wgsl and what it needs, halves.wgsl, quad-values.wgsl,
// eight-rows.wgsl, place.wgsl, one of place-*.wgsl, stored.wgsl for an A of codes or fused.wgsl for one of values,
// strip.wgsl, one of addend-*.wgsl, one of output-*.wgsl. Constants: TILE_ROWS, TILE_COLS, DEPTH; A_HALVES, B_HALVES
// (as in quad-values.wgsl).
//
// Tile: TILE_ROWS x TILE_COLS of D a workgroup (128 x 128, or 64 x 64 where D is small), DEPTH of K a step.
// Threads: one to 8 x 8 of D (256 or 64), because a value read from workgroup memory then serves 8 multiplications,
// and reading is what costs most after them; a thread keeps 64 sums and nothing else from step to step, so that
// registers allow several workgroups a core. Workgroup memory: 4 * DEPTH * (TILE_ROWS + TILE_COLS) bytes, the decoded
// values of one step: 16 KiB for 128 x 128 x 16, WebGPU's default limit; and what fused.wgsl adds.
//
// A step: every thread decodes its segments (16 codes each), in registers since the step before, into the tiles, and
// then requests the next. A tile holds four consecutive k of a row as one vec4, so that whole vectors are written, and
// lies quad by quad of k, so that neighbouring threads touch neighbouring vectors. Rows are permuted (row_of_slot) so
// that a thread's 8 rows are consecutive in D while the slots of neighbouring threads are neighbours in the tile.
// Threads that run together, 32 or fewer of them, compute 4 x 8 blocks of outputs, neighbours alternating between two
// rows, and so read few different vectors, half of them at once.
//
// Arithmetic: r(r(code * scale) * r(code * scale)) added in f32 in ascending k. An adapter may fuse or split a
// multiplication and an addition, round either way, and flush f32 subnormals: src/gemm/error-bound.ts says what that
// amounts to.
const THREADS_X : u32 = TILE_COLS / 8u;
const THREADS_Y : u32 = TILE_ROWS / 8u;
const THREADS : u32 = THREADS_X * THREADS_Y;
const QUADS : u32 = DEPTH / 4u;
const STEP_SEGMENTS : u32 = DEPTH / SEGMENT;
// Segments of a step: A's first, row by row, then B's.
const A_UNITS : u32 = TILE_ROWS * STEP_SEGMENTS;
const B_UNITS : u32 = TILE_COLS * STEP_SEGMENTS;
const ALL_UNITS : u32 = A_UNITS + B_UNITS;
const UNITS : u32 = (ALL_UNITS + THREADS - 1u) / THREADS;
// Whether the last turn has no unit for some threads.
const RAGGED : bool = ALL_UNITS % THREADS != 0u;

var<workgroup> a_tile : array<vec4<f32>, QUADS * TILE_ROWS>;
var<workgroup> b_tile : array<vec4<f32>, QUADS * TILE_COLS>;

// Thread t of a side's `threads` owns rows 8t to 8t + 7 of a tile; they lie in slots t, t + threads, t + 2 * threads,
// ...
fn row_of_slot(slot : u32, threads : u32) -> u32 {
  return (slot % threads) * 8u + slot / threads;
}

// What a thread brings to a step.
struct Unit {
  segment : Segment,
  scale : f32,
}

// Unit number `unit` of the step that begins at segment `first`; nothing beyond the tile's rows and columns.
fn fetch(unit : u32, place : Place, first : u32) -> Unit {
  if (RAGGED && unit >= ALL_UNITS) { return Unit(); }
  if (unit < A_UNITS) { return fetch_a(unit % TILE_ROWS, first + unit / TILE_ROWS, place); }
  let col = place.col + row_of_slot((unit - A_UNITS) % TILE_COLS, THREADS_X);
  if (col >= place.col_end) { return Unit(); }
  return fetch_row(B, B_FORMAT, place.b_row + col, first + (unit - A_UNITS) / TILE_COLS, place.end_step);
}

// Nothing from segment `end` on.
fn fetch_row(side : u32, f : Format, row : u32, segment : u32, end : u32) -> Unit {
  if (segment >= end) { return Unit(); }
  return Unit(read_segment(side, f, row, segment), scale_at(side, row, segment * SEGMENT));
}

// Numbers are within these bounds; that they are spares a check of each index (robustness), which costs more.
fn fill(unit : u32, values : Unit) {
  if (RAGGED && unit >= ALL_UNITS) { return; }
  if (unit < A_UNITS) {
    let number = min(unit, A_UNITS - 1u);
    let at = (number / TILE_ROWS) * 4u * TILE_ROWS + number % TILE_ROWS;
    for (var quad = 0u; quad < 4u; quad++) {
      a_tile[at + quad * TILE_ROWS] = a_values(values.segment, quad) * values.scale;
    }
  } else {
    let number = min(unit - A_UNITS, B_UNITS - 1u);
    let at = (number / TILE_COLS) * 4u * TILE_COLS + number % TILE_COLS;
    for (var quad = 0u; quad < 4u; quad++) {
      b_tile[at + quad * TILE_COLS] = quad_values(B_FORMAT, B_HALVES, values.segment, quad) * values.scale;
    }
  }
}

// Four consecutive k of a row of A times eight columns, added; a column of these matrices is four columns of D at one
// k.
fn add_row(sums : Strip, a : vec4<f32>, left : mat4x4<f32>, right : mat4x4<f32>) -> Strip {
  return Strip(
    sums.left + left[0] * a.x + left[1] * a.y + left[2] * a.z + left[3] * a.w,
    sums.right + right[0] * a.x + right[1] * a.y + right[2] * a.z + right[3] * a.w,
  );
}

// Adds the products of four consecutive k of the tile.
fn add_quad(sums : Rows, quad : u32, x : u32, y : u32) -> Rows {
  let b = min(quad, QUADS - 1u) * TILE_COLS + min(x, THREADS_X - 1u);
  let left = transpose(mat4x4<f32>(
    b_tile[b], b_tile[b + THREADS_X], b_tile[b + 2u * THREADS_X], b_tile[b + 3u * THREADS_X]
  ));
  let right = transpose(mat4x4<f32>(
    b_tile[b + 4u * THREADS_X], b_tile[b + 5u * THREADS_X], b_tile[b + 6u * THREADS_X], b_tile[b + 7u * THREADS_X]
  ));
  let a = min(quad, QUADS - 1u) * TILE_ROWS + min(y, THREADS_Y - 1u);
  return Rows(
    add_row(sums.r0, a_tile[a], left, right),
    add_row(sums.r1, a_tile[a + THREADS_Y], left, right),
    add_row(sums.r2, a_tile[a + 2u * THREADS_Y], left, right),
    add_row(sums.r3, a_tile[a + 3u * THREADS_Y], left, right),
    add_row(sums.r4, a_tile[a + 4u * THREADS_Y], left, right),
    add_row(sums.r5, a_tile[a + 5u * THREADS_Y], left, right),
    add_row(sums.r6, a_tile[a + 6u * THREADS_Y], left, right),
    add_row(sums.r7, a_tile[a + 7u * THREADS_Y], left, right),
  );
}

fn add_four_quads(sums : Rows, first : u32, x : u32, y : u32) -> Rows {
  let two = add_quad(add_quad(sums, first, x, y), first + 1u, x, y);
  return add_quad(add_quad(two, first + 2u, x, y), first + 3u, x, y);
}

// Writes a row of a thread's outputs, if D has it.
fn finish_row(place : Place, row : u32, col : u32, sums : Strip) {
  if (row >= place.row_end) { return; }
  let index = place.offset + row * params.pitch + col;
  store_output(index, add_addend(index, sums));
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

  stage_a(place.first_step, place, thread);
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
      stage_a(step + STEP_SEGMENTS, place, thread);
      for (var i = 0u; i < UNITS; i++) {
        next[i] = fetch(i * THREADS + thread, place, step + STEP_SEGMENTS);
      }
    }
    workgroupBarrier();

    // A step is four or eight quads.
    if (computes) {
      acc = add_four_quads(acc, 0u, x, y);
      if (QUADS > 4u) { acc = add_four_quads(acc, 4u, x, y); }
    }
    workgroupBarrier();
  }

  if (computes) { finish_rows(place, row, col, acc); }
}
