// D = A * transpose(B) (+ C) in f32, each value multiplied by its scale on the way into workgroup memory: the kernel
// that runs wherever WebGPU does. Needs: operands.wgsl and what it needs, halves.wgsl, octet.wgsl, patch.wgsl,
// eight-rows.wgsl, one of sums-*.wgsl, before-end.wgsl, place.wgsl, one of place-*.wgsl, stored.wgsl for an A of codes
// or fused.wgsl for one of values, strip.wgsl, one of addend-*.wgsl, one of output-*.wgsl. Constants: TILE_ROWS,
// TILE_COLS, DEPTH (16 or 32); B_HALVES (as in octet.wgsl), B_SHARED (the four rows of a patch have the same scales).
//
// Tile: TILE_ROWS x TILE_COLS of D a workgroup (up to 256 x 128; 128 x 64 and less where D is small), DEPTH of K a
// step. Threads: one to THREAD_ROWS x 8 of D (128 x 128: 256 of 8 x 8, or 128 of 16 x 8). A value read from workgroup
// memory serves 8 multiplications, or 16 those of B, and reading is what costs most after them: 16 values read for 64
// multiplications, or 24 for 128. A thread keeps its sums, the operands of one k and of the next, which are read while
// it multiplies, and what it brings to the next step: with 64 sums, registers allow several workgroups a core; 128 are
// what fits 255 registers. Workgroup memory: 4 * DEPTH * (TILE_ROWS + TILE_COLS) bytes, the decoded values of one step:
// 16 KiB for 128 x 128 x 16, WebGPU's default limit; and what fused.wgsl adds.
//
// A step: every thread decodes its patches of four rows by eight k, in registers since the step before, into the tiles,
// and then requests the next. A tile lies k by k, four rows' values of one k in a vector, so that the operands of one k
// take as few registers as they are; patches, because vectors that threads share have to be written whole. Rows are
// permuted (row_of_vector) so that a thread's rows are consecutive in D, while its vectors are neighbours of the next
// thread's.
//
// Arithmetic: r(r(code * scale) * r(code * scale)) added in f32 in ascending k. An adapter may fuse or split a
// multiplication and an addition, round either way, and flush f32 subnormals: src/gemm/error-bound.ts says what that
// amounts to.
const THREADS_X : u32 = TILE_COLS / 8u;
const THREADS_Y : u32 = TILE_ROWS / THREAD_ROWS;
const THREADS : u32 = THREADS_X * THREADS_Y;
const STEP_SEGMENTS : u32 = DEPTH / SEGMENT;

// Vectors of one k, and octets of k in a step.
const ROW_QUADS : u32 = TILE_ROWS / 4u;
const COL_QUADS : u32 = TILE_COLS / 4u;
const OCTETS : u32 = DEPTH / 8u;
var<workgroup> a_tile : array<vec4<f32>, DEPTH * ROW_QUADS>;
var<workgroup> b_tile : array<vec4<f32>, DEPTH * COL_QUADS>;

// Patches of a step, of eight neighbouring vectors of one octet and then of the next: so many threads write at once, to
// different banks, and OCTETS times as many read DEPTH codes of a row. The side that has more comes first, so that
// threads that run together mostly have patches of one side.
const A_UNITS : u32 = ROW_QUADS * OCTETS;
const B_UNITS : u32 = COL_QUADS * OCTETS;
const ALL_UNITS : u32 = A_UNITS + B_UNITS;
const FIRST_OF_A : u32 = select(B_UNITS, 0u, A_UNITS >= B_UNITS);
const FIRST_OF_B : u32 = select(0u, A_UNITS, A_UNITS >= B_UNITS);
const UNITS : u32 = (ALL_UNITS + THREADS - 1u) / THREADS;
// Whether the last turn has no patch for some threads.
const RAGGED : bool = ALL_UNITS % THREADS != 0u;

// The vector of each k, and the octet of the step, that a side's patch number `unit` has.
fn vector_of_unit(unit : u32) -> u32 {
  return unit / (8u * OCTETS) * 8u + unit % 8u;
}

fn octet_of_unit(unit : u32) -> u32 {
  return (unit / 8u) % OCTETS;
}

// The rows of thread y lie, four by four, in vectors y, y + THREADS_Y, y + 2 * THREADS_Y, ... of each k of A's tile,
// the columns of thread x likewise in B's: the first row in a vector.
fn row_of_vector(vector : u32) -> u32 {
  return (vector % THREADS_Y) * THREAD_ROWS + vector / THREADS_Y * 4u;
}

fn col_of_vector(vector : u32) -> u32 {
  return (vector % THREADS_X) * 8u + vector / THREADS_X * 4u;
}

// What a thread brings to a step: UNITS of these. A structure, since a driver may keep an array in memory.
struct Patches {
  p0 : Patch,
  p1 : Patch,
}
const_assert UNITS <= 2u;

// Whether a thread's patch number `i` is A's. i is a constant at each call, and mostly that decides.
fn of_a(i : u32, thread : u32) -> bool {
  let first = i * THREADS;
  let last = first + THREADS - 1u;
  if (first >= FIRST_OF_A && last < FIRST_OF_A + A_UNITS) { return true; }
  if (last < FIRST_OF_A || first >= FIRST_OF_A + A_UNITS) { return false; }
  return first + thread >= FIRST_OF_A && first + thread < FIRST_OF_A + A_UNITS;
}

// A thread's patch number `i` of the step that begins at segment `first`. Rows beyond the matrices are not looked for:
// buffers are not read beyond their end, and what comes of such rows is stored nowhere but in the padding of D's rows.
fn fetch(i : u32, thread : u32, place : Place, first : u32) -> Patch {
  let number = i * THREADS + thread;
  if (RAGGED && number >= ALL_UNITS) { return Patch(); }
  if (of_a(i, thread)) {
    let unit = number - FIRST_OF_A;
    return fetch_a(vector_of_unit(unit), 2u * first + octet_of_unit(unit), place);
  }
  let unit = number - FIRST_OF_B;
  let row = place.b_row + place.col + col_of_vector(vector_of_unit(unit));
  return fetch_patch(B, B_FORMAT, B_SHARED, row, 2u * first + octet_of_unit(unit), place.end_step);
}

// That patch into the tile.
fn fill(i : u32, thread : u32, codes : Patch, first : u32) {
  let number = i * THREADS + thread;
  if (RAGGED && number >= ALL_UNITS) { return; }
  if (of_a(i, thread)) {
    let unit = number - FIRST_OF_A;
    let octet = octet_of_unit(unit);
    let vector = vector_of_unit(unit);
    put_a(8u * octet, vector, a_values(codes, 2u * first + octet, 0u));
    put_a(8u * octet + 4u, vector, a_values(codes, 2u * first + octet, 1u));
  } else {
    let unit = number - FIRST_OF_B;
    let octet = octet_of_unit(unit);
    let vector = vector_of_unit(unit);
    put_b(8u * octet, vector, patch_values(B_FORMAT, B_HALVES, codes, 2u * first + octet, 0u));
    put_b(8u * octet + 4u, vector, patch_values(B_FORMAT, B_HALVES, codes, 2u * first + octet, 1u));
  }
}

// Four k, from k on, of the rows in a vector. Both are within these bounds; saying so spares a check of each index
// (robustness), which costs more.
fn put_a(k : u32, vector : u32, values : mat4x4<f32>) {
  let at = min(k, DEPTH - 4u) * ROW_QUADS + min(vector, ROW_QUADS - 1u);
  a_tile[at] = values[0];
  a_tile[at + ROW_QUADS] = values[1];
  a_tile[at + 2u * ROW_QUADS] = values[2];
  a_tile[at + 3u * ROW_QUADS] = values[3];
}

fn put_b(k : u32, vector : u32, values : mat4x4<f32>) {
  let at = min(k, DEPTH - 4u) * COL_QUADS + min(vector, COL_QUADS - 1u);
  b_tile[at] = values[0];
  b_tile[at + COL_QUADS] = values[1];
  b_tile[at + 2u * COL_QUADS] = values[2];
  b_tile[at + 3u * COL_QUADS] = values[3];
}

fn fetch_step(thread : u32, place : Place, first : u32) -> Patches {
  var patches = Patches();
  patches.p0 = fetch(0u, thread, place, first);
  if (UNITS > 1u) { patches.p1 = fetch(1u, thread, place, first); }
  return patches;
}

fn fill_step(thread : u32, patches : Patches, first : u32) {
  fill(0u, thread, patches.p0, first);
  if (UNITS > 1u) { fill(1u, thread, patches.p1, first); }
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

fn add_sixteen(sums : Sums, k : u32, x : u32, y : u32) -> Sums {
  let eight = add_four(add_four(sums, k, x, y), k + 4u, x, y);
  return add_four(add_four(eight, k + 8u, x, y), k + 12u, x, y);
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
  var next = fetch_step(thread, place, place.first_step);

  // What this thread computes: THREAD_ROWS rows from `row` on, 8 columns from `col` on.
  let at = thread_place(thread);
  let x = at.x;
  let y = at.y;
  let row = place.row + y * THREAD_ROWS;
  let col = place.col + x * 8u;
  let computes = row < place.row_end && col < place.col_end;
  var acc = Sums();

  for (var step = place.first_step; step < place.end_step; step += STEP_SEGMENTS) {
    fill_step(thread, next, step);
    let coming = select(step, step + STEP_SEGMENTS, step + STEP_SEGMENTS < place.end_step);
    if (coming != step) { stage_a(coming, place, thread); }
    // After the last step its own patches once more, for nothing: a driver that knows of a last turn may write the loop
    // out twice, and then it hardly fits the cache for instructions.
    next = fetch_step(thread, place, coming);
    workgroupBarrier();

    // Written out, so that operands are read while those before them are multiplied.
    if (computes) {
      acc = add_sixteen(acc, 0u, x, y);
      if (DEPTH > 16u) { acc = add_sixteen(acc, 16u, x, y); }
    }
    workgroupBarrier();
  }

  if (computes) { finish_sums(place, row, col, acc); }
}
