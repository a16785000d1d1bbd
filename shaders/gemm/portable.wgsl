// D = A * transpose(B) (+ C) in f32, each value multiplied by its scale on the way into workgroup memory: the kernel
// that runs wherever WebGPU does. Needs: operands.wgsl and what it needs, halves.wgsl, quad-values.wgsl,
// eight-rows.wgsl, one of sums-*.wgsl, before-end.wgsl, place.wgsl, one of place-*.wgsl, stored.wgsl for an A of codes
// or fused.wgsl for one of values, strip.wgsl, one of addend-*.wgsl, one of output-*.wgsl. Constants: TILE_ROWS,
// TILE_COLS, DEPTH; A_HALVES, B_HALVES (as in quad-values.wgsl).
//
// Tile: TILE_ROWS x TILE_COLS of D a workgroup (up to 256 x 128; 64 x 64 and less where D is small), DEPTH of K a step.
// Threads: one to THREAD_ROWS x 8 of D (128 x 128: 256 of 8 x 8, or 128 of 16 x 8). A value read from workgroup memory
// serves 8 multiplications, or 16 those of B, and reading is what costs most after them: 16 values read for 64
// multiplications, or 24 for 128. A thread keeps its sums and what it brings to the next step: with 64 sums, registers
// allow several workgroups a core; 128 with the operands of four k (32 values of B and 4 of A) are what fits 255
// registers. Workgroup memory: 4 * DEPTH * (TILE_ROWS + TILE_COLS) bytes, the decoded values of one step: 16 KiB for
// 128 x 128 x 16, WebGPU's default limit; and what fused.wgsl adds.
//
// A step: every thread decodes its segments (16 codes each), in registers since the step before, into the tiles, and
// then requests the next. A tile holds four consecutive k of a row as one vec4, so that whole vectors are written, and
// lies quad by quad of k, so that neighbouring threads touch neighbouring vectors. Rows are permuted (row_of_slot) so
// that a thread's rows are consecutive in D while the slots of neighbouring threads are neighbours in the tile.
//
// Arithmetic: r(r(code * scale) * r(code * scale)) added in f32 in ascending k. An adapter may fuse or split a
// multiplication and an addition, round either way, and flush f32 subnormals: src/gemm/error-bound.ts says what that
// amounts to.
const THREADS_X : u32 = TILE_COLS / 8u;
const THREADS_Y : u32 = TILE_ROWS / THREAD_ROWS;
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

// The rows of thread y lie in slots y, y + THREADS_Y, y + 2 * THREADS_Y, ... of A's tile, the columns of thread x
// likewise in B's.
fn row_of_slot(slot : u32) -> u32 {
  return (slot % THREADS_Y) * THREAD_ROWS + slot / THREADS_Y;
}

fn col_of_slot(slot : u32) -> u32 {
  return (slot % THREADS_X) * 8u + slot / THREADS_X;
}

struct Unit {
  segment : Segment,
  scale : f32,
}

// What a thread brings to a step: UNITS of these. A structure, since a driver may keep an array in memory.
struct Units {
  u0 : Unit,
  u1 : Unit,
  u2 : Unit,
  u3 : Unit,
  u4 : Unit,
  u5 : Unit,
}
const_assert UNITS <= 6u;

// Unit number `unit` of the step that begins at segment `first`; nothing beyond the tile's rows and columns.
fn fetch(unit : u32, place : Place, first : u32) -> Unit {
  if (RAGGED && unit >= ALL_UNITS) { return Unit(); }
  if (unit < A_UNITS) { return fetch_a(unit % TILE_ROWS, first + unit / TILE_ROWS, place); }
  let col = place.col + col_of_slot((unit - A_UNITS) % TILE_COLS);
  if (col >= place.col_end) { return Unit(); }
  return fetch_row(B, B_FORMAT, place.b_row + col, first + (unit - A_UNITS) / TILE_COLS, place.end_step);
}

// Nothing from segment `end` on.
fn fetch_row(side : u32, f : Format, row : u32, segment : u32, end : u32) -> Unit {
  if (segment >= end) { return Unit(); }
  return Unit(read_segment(side, f, row, segment), scale_at(side, row, segment * SEGMENT));
}

// Unit number `unit` of the step that begins at segment `first` into the tile. Numbers are within these bounds; that
// they are spares a check of each index (robustness), which costs more.
fn fill(unit : u32, values : Unit, first : u32) {
  if (RAGGED && unit >= ALL_UNITS) { return; }
  if (unit < A_UNITS) {
    let number = min(unit, A_UNITS - 1u);
    let at = (number / TILE_ROWS) * 4u * TILE_ROWS + number % TILE_ROWS;
    let k = (first + number / TILE_ROWS) * SEGMENT;
    for (var quad = 0u; quad < 4u; quad++) {
      let scaled = a_values(values.segment, quad) * values.scale;
      a_tile[at + quad * TILE_ROWS] = before_end(scaled, k + 4u * quad);
    }
  } else {
    let number = min(unit - A_UNITS, B_UNITS - 1u);
    let at = (number / TILE_COLS) * 4u * TILE_COLS + number % TILE_COLS;
    let k = (first + number / TILE_COLS) * SEGMENT;
    for (var quad = 0u; quad < 4u; quad++) {
      let scaled = quad_values(B_FORMAT, B_HALVES, values.segment, quad) * values.scale;
      b_tile[at + quad * TILE_COLS] = before_end(scaled, k + 4u * quad);
    }
  }
}

fn fetch_units(thread : u32, place : Place, first : u32) -> Units {
  var units = Units();
  units.u0 = fetch(thread, place, first);
  if (UNITS > 1u) { units.u1 = fetch(THREADS + thread, place, first); }
  if (UNITS > 2u) { units.u2 = fetch(2u * THREADS + thread, place, first); }
  if (UNITS > 3u) { units.u3 = fetch(3u * THREADS + thread, place, first); }
  if (UNITS > 4u) { units.u4 = fetch(4u * THREADS + thread, place, first); }
  if (UNITS > 5u) { units.u5 = fetch(5u * THREADS + thread, place, first); }
  return units;
}

fn fill_units(thread : u32, units : Units, first : u32) {
  fill(thread, units.u0, first);
  if (UNITS > 1u) { fill(THREADS + thread, units.u1, first); }
  if (UNITS > 2u) { fill(2u * THREADS + thread, units.u2, first); }
  if (UNITS > 3u) { fill(3u * THREADS + thread, units.u3, first); }
  if (UNITS > 4u) { fill(4u * THREADS + thread, units.u4, first); }
  if (UNITS > 5u) { fill(5u * THREADS + thread, units.u5, first); }
}

// Four consecutive k of a thread's eight columns; a column of these matrices is four columns of D at one k.
struct Columns {
  left : mat4x4<f32>,
  right : mat4x4<f32>,
}

fn columns_of(quad : u32, x : u32) -> Columns {
  let at = min(quad, QUADS - 1u) * TILE_COLS + min(x, THREADS_X - 1u);
  return Columns(
    transpose(mat4x4<f32>(
      b_tile[at], b_tile[at + THREADS_X], b_tile[at + 2u * THREADS_X], b_tile[at + 3u * THREADS_X]
    )),
    transpose(mat4x4<f32>(
      b_tile[at + 4u * THREADS_X], b_tile[at + 5u * THREADS_X], b_tile[at + 6u * THREADS_X], b_tile[at + 7u * THREADS_X]
    )),
  );
}

// The same k of a row of A times those columns, added.
fn add_row(sums : Strip, a : vec4<f32>, b : Columns) -> Strip {
  return Strip(
    sums.left + b.left[0] * a.x + b.left[1] * a.y + b.left[2] * a.z + b.left[3] * a.w,
    sums.right + b.right[0] * a.x + b.right[1] * a.y + b.right[2] * a.z + b.right[3] * a.w,
  );
}

// Those of eight rows, the thread's number `eight` of them, each read when it is needed.
fn add_rows(sums : Rows, eight : u32, quad : u32, y : u32, b : Columns) -> Rows {
  let first = min(quad, QUADS - 1u) * TILE_ROWS + min(eight, THREAD_ROWS / 8u - 1u) * 8u * THREADS_Y;
  let at = first + min(y, THREADS_Y - 1u);
  return Rows(
    add_row(sums.r0, a_tile[at], b),
    add_row(sums.r1, a_tile[at + THREADS_Y], b),
    add_row(sums.r2, a_tile[at + 2u * THREADS_Y], b),
    add_row(sums.r3, a_tile[at + 3u * THREADS_Y], b),
    add_row(sums.r4, a_tile[at + 4u * THREADS_Y], b),
    add_row(sums.r5, a_tile[at + 5u * THREADS_Y], b),
    add_row(sums.r6, a_tile[at + 6u * THREADS_Y], b),
    add_row(sums.r7, a_tile[at + 7u * THREADS_Y], b),
  );
}

// Adds the products of four consecutive k of the tile.
fn add_quad(sums : Sums, quad : u32, x : u32, y : u32) -> Sums {
  return add_columns(sums, quad, y, columns_of(quad, x));
}

fn add_four_quads(sums : Sums, first : u32, x : u32, y : u32) -> Sums {
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
  var next = fetch_units(thread, place, place.first_step);

  // What this thread computes: THREAD_ROWS rows from `row` on, 8 columns from `col` on.
  let at = thread_place(thread);
  let x = at.x;
  let y = at.y;
  let row = place.row + y * THREAD_ROWS;
  let col = place.col + x * 8u;
  let computes = row < place.row_end && col < place.col_end;
  var acc = Sums();

  for (var step = place.first_step; step < place.end_step; step += STEP_SEGMENTS) {
    fill_units(thread, next, step);
    if (step + STEP_SEGMENTS < place.end_step) {
      stage_a(step + STEP_SEGMENTS, place, thread);
      next = fetch_units(thread, place, step + STEP_SEGMENTS);
    }
    workgroupBarrier();

    // A step is four or eight quads.
    if (computes) {
      acc = add_four_quads(acc, 0u, x, y);
      if (QUADS > 4u) { acc = add_four_quads(acc, 4u, x, y); }
    }
    workgroupBarrier();
  }

  if (computes) { finish_sums(place, row, col, acc); }
}
