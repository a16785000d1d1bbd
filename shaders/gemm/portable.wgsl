// D = A * transpose(B) (+ C) in f32, each value multiplied by its scale on the way into workgroup memory: the kernel
// that runs wherever WebGPU does. Needs: operands.wgsl and what it needs, halves.wgsl, quad-values.wgsl,
// eight-rows.wgsl, units.wgsl, one of sums-*.wgsl, before-end.wgsl, place.wgsl, one of place-*.wgsl, stored.wgsl for an A of codes
// or fused.wgsl for one of values, strip.wgsl, one of addend-*.wgsl, one of output-*.wgsl. Constants: TILE_ROWS,
// TILE_COLS, DEPTH, UNROLLED; A_HALVES, B_HALVES (as in quad-values.wgsl).
//
// Tile: TILE_ROWS x TILE_COLS of D a workgroup (up to 256 x 128; 64 x 64 and less where D is small), DEPTH of K a step.
// Threads: one to THREAD_ROWS x 8 of D (128 x 128: 256 of 8 x 8, or 128 of 16 x 8). A value read from workgroup memory
// serves 8 multiplications, or 16 those of B, and reading is what costs most after them: 16 values read for 64
// multiplications, or 24 for 128. A thread keeps its sums, the operands of one k and of the next, which are read while it
// multiplies, and what it brings to the next step: with 64 sums, registers allow several workgroups a core; 128 are what
// fits 255 registers. Workgroup memory: 4 * DEPTH * (TILE_ROWS + TILE_COLS) bytes, the decoded values of one step: 16 KiB
// for 128 x 128 x 16, WebGPU's default limit; and what fused.wgsl adds.
//
// A step: every thread decodes its segments (16 codes each), in registers since the step before, into the tiles, and
// then requests the next. A tile lies k by k, so that one vector holds four rows' values of the same k. Rows are permuted
// (row_of_slot) so that a thread's rows are consecutive in D, while its vectors are neighbours of the next thread's.
//
// Arithmetic: r(r(code * scale) * r(code * scale)) added in f32 in ascending k. An adapter may fuse or split a
// multiplication and an addition, round either way, and flush f32 subnormals: src/gemm/error-bound.ts says what that
// amounts to.
const THREADS_X : u32 = TILE_COLS / 8u;
const THREADS_Y : u32 = TILE_ROWS / THREAD_ROWS;
const THREADS : u32 = THREADS_X * THREADS_Y;
const STEP_SEGMENTS : u32 = DEPTH / SEGMENT;
// Segments of a step: A's first, row by row, then B's.
const A_UNITS : u32 = TILE_ROWS * STEP_SEGMENTS;
const B_UNITS : u32 = TILE_COLS * STEP_SEGMENTS;
const ALL_UNITS : u32 = A_UNITS + B_UNITS;

// Vectors of one k.
const ROW_QUADS : u32 = TILE_ROWS / 4u;
const COL_QUADS : u32 = TILE_COLS / 4u;
var<workgroup> a_tile : array<vec4<f32>, DEPTH * ROW_QUADS>;
var<workgroup> b_tile : array<vec4<f32>, DEPTH * COL_QUADS>;

// The rows of thread y lie, four by four, in vectors y, y + THREADS_Y, y + 2 * THREADS_Y, ... of each k of A's tile, the
// columns of thread x likewise in B's. A slot is a component of these vectors.
fn row_of_slot(slot : u32) -> u32 {
  let quad = slot / 4u;
  return (quad % THREADS_Y) * THREAD_ROWS + quad / THREADS_Y * 4u + slot % 4u;
}

fn col_of_slot(slot : u32) -> u32 {
  let quad = slot / 4u;
  return (quad % THREADS_X) * 8u + quad / THREADS_X * 4u + slot % 4u;
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

// A thread's unit number `i` of the step that begins at segment `first`; nothing beyond the tile's rows and columns.
fn fetch(i : u32, thread : u32, place : Place, first : u32) -> Unit {
  if (!is_unit(i, thread)) { return Unit(); }
  let unit = i * THREADS + thread;
  if (of_a(i, thread)) { return fetch_a(unit % TILE_ROWS, first + unit / TILE_ROWS, place); }
  let col = place.col + col_of_slot((unit - A_UNITS) % TILE_COLS);
  if (col >= place.col_end) { return Unit(); }
  return fetch_row(B, B_FORMAT, place.b_row + col, first + (unit - A_UNITS) / TILE_COLS, place.end_step);
}

// Nothing from segment `end` on.
fn fetch_row(side : u32, f : Format, row : u32, segment : u32, end : u32) -> Unit {
  if (segment >= end) { return Unit(); }
  return Unit(read_segment(side, f, row, segment), scale_at(side, row, segment * SEGMENT));
}

// That unit into the tile. Numbers are within these bounds; that they are spares a check of each index (robustness),
// which costs more.
fn fill(i : u32, thread : u32, values : Unit, first : u32) {
  if (!is_unit(i, thread)) { return; }
  let unit = i * THREADS + thread;
  if (of_a(i, thread)) {
    let number = min(unit, A_UNITS - 1u);
    let slot = number % TILE_ROWS;
    let at = (number / TILE_ROWS) * SEGMENT * ROW_QUADS + slot / 4u;
    let k = (first + number / TILE_ROWS) * SEGMENT;
    for (var quad = 0u; quad < 4u; quad++) {
      let scaled = before_end(a_values(values.segment, quad) * values.scale, k + 4u * quad);
      let there = at + quad * 4u * ROW_QUADS;
      a_tile[there][slot % 4u] = scaled.x;
      a_tile[there + ROW_QUADS][slot % 4u] = scaled.y;
      a_tile[there + 2u * ROW_QUADS][slot % 4u] = scaled.z;
      a_tile[there + 3u * ROW_QUADS][slot % 4u] = scaled.w;
    }
  } else {
    let number = min(unit - A_UNITS, B_UNITS - 1u);
    let slot = number % TILE_COLS;
    let at = (number / TILE_COLS) * SEGMENT * COL_QUADS + slot / 4u;
    let k = (first + number / TILE_COLS) * SEGMENT;
    for (var quad = 0u; quad < 4u; quad++) {
      let scaled = before_end(quad_values(B_FORMAT, B_HALVES, values.segment, quad) * values.scale, k + 4u * quad);
      let there = at + quad * 4u * COL_QUADS;
      b_tile[there][slot % 4u] = scaled.x;
      b_tile[there + COL_QUADS][slot % 4u] = scaled.y;
      b_tile[there + 2u * COL_QUADS][slot % 4u] = scaled.z;
      b_tile[there + 3u * COL_QUADS][slot % 4u] = scaled.w;
    }
  }
}

fn fetch_units(thread : u32, place : Place, first : u32) -> Units {
  var units = Units();
  units.u0 = fetch(0u, thread, place, first);
  if (UNITS > 1u) { units.u1 = fetch(1u, thread, place, first); }
  if (UNITS > 2u) { units.u2 = fetch(2u, thread, place, first); }
  if (UNITS > 3u) { units.u3 = fetch(3u, thread, place, first); }
  if (UNITS > 4u) { units.u4 = fetch(4u, thread, place, first); }
  if (UNITS > 5u) { units.u5 = fetch(5u, thread, place, first); }
  return units;
}

fn fill_units(thread : u32, units : Units, first : u32) {
  fill(0u, thread, units.u0, first);
  if (UNITS > 1u) { fill(1u, thread, units.u1, first); }
  if (UNITS > 2u) { fill(2u, thread, units.u2, first); }
  if (UNITS > 3u) { fill(3u, thread, units.u3, first); }
  if (UNITS > 4u) { fill(4u, thread, units.u4, first); }
  if (UNITS > 5u) { fill(5u, thread, units.u5, first); }
}

// A row's value of one k times those of eight columns, added.
fn add_row(sums : Strip, a : f32, b : Strip) -> Strip {
  return Strip(sums.left + b.left * a, sums.right + b.right * a);
}

// The same of eight rows, the thread's number `eight` of them.
fn add_rows(sums : Rows, eight : u32, k : u32, y : u32, b : Strip) -> Rows {
  let first = min(k, DEPTH - 1u) * ROW_QUADS + min(eight, THREAD_ROWS / 8u - 1u) * 2u * THREADS_Y;
  let at = first + min(y, THREADS_Y - 1u);
  let upper = a_tile[at];
  let lower = a_tile[at + THREADS_Y];
  return Rows(
    add_row(sums.r0, upper.x, b), add_row(sums.r1, upper.y, b),
    add_row(sums.r2, upper.z, b), add_row(sums.r3, upper.w, b),
    add_row(sums.r4, lower.x, b), add_row(sums.r5, lower.y, b),
    add_row(sums.r6, lower.z, b), add_row(sums.r7, lower.w, b),
  );
}

// Adds the products of one k of the tile.
fn add_k(sums : Sums, k : u32, x : u32, y : u32) -> Sums {
  let at = min(k, DEPTH - 1u) * COL_QUADS + min(x, THREADS_X - 1u);
  return add_columns(sums, k, y, Strip(b_tile[at], b_tile[at + THREADS_X]));
}

fn add_four(sums : Sums, k : u32, x : u32, y : u32) -> Sums {
  let two = add_k(add_k(sums, k, x, y), k + 1u, x, y);
  return add_k(add_k(two, k + 2u, x, y), k + 3u, x, y);
}

// Adds those of UNROLLED of them, a power of two from 4 to 32. Written out, so that operands are read while those before
// them are multiplied.
fn add_unrolled(sums : Sums, k : u32, x : u32, y : u32) -> Sums {
  var next = add_four(sums, k, x, y);
  if (UNROLLED > 4u) { next = add_four(next, k + 4u, x, y); }
  if (UNROLLED > 8u) { next = add_four(add_four(next, k + 8u, x, y), k + 12u, x, y); }
  if (UNROLLED > 16u) {
    next = add_four(add_four(next, k + 16u, x, y), k + 20u, x, y);
    next = add_four(add_four(next, k + 24u, x, y), k + 28u, x, y);
  }
  return next;
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

    if (computes) {
      for (var k = 0u; k < DEPTH; k += UNROLLED) { acc = add_unrolled(acc, k, x, y); }
    }
    workgroupBarrier();
  }

  if (computes) { finish_sums(place, row, col, acc); }
}
