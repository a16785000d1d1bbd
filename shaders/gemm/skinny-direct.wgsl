// D = A * transpose(B) (+ C) in f32 for an A of one or two rows of codes: bound by reading B once. Needs: operands.wgsl
// and what it needs, four-rows.wgsl and what it needs, before-end.wgsl, place.wgsl, place-dense.wgsl, strip.wgsl, one
// of addend-*.wgsl, one of output-*.wgsl. Constants: ROWS (of A: 1 or 2), THREADS, A_HALVES (as B_HALVES of
// four-rows.wgsl), those of four-rows.wgsl.
//
// Tile: all rows of D by eight columns. Threads: THREADS (64, 128 or 256), side by side along K, so that a row of B is
// read 16 * THREADS bytes at a stretch; each takes a segment of all eight rows of B at a time and decodes A's codes for
// itself, which eight rows of B share. Unlike in skinny.wgsl no thread waits for another before the end, and what keeps
// loads under way is that a core has room for many threads: fetching a segment ahead takes the registers of half of
// them. Workgroup memory: 32 * ROWS * THREADS bytes, 4 KiB for one row by 128 threads, and at most 16, the default
// limit; the threads' sums meet there.
//
// Arithmetic: as in skinny.wgsl.
const COLS : u32 = 8u;

var<workgroup> thread_sums : array<Strip, ROWS * THREADS>;

// A segment of a row of A, and its scale.
struct Left {
  codes : Segment,
  scale : f32,
}

fn fetch_left(m : u32, segment : u32) -> Left {
  let row = min(m, params.a.rows - 1u);
  return Left(read_segment(A, A_FORMAT, row, segment), scale_at(A, row, segment * SEGMENT));
}

// Four values of segment number `segment` with their scale, zeros beyond K.
fn left_values(left : Left, segment : u32, quad : u32) -> vec4<f32> {
  let own = values(A_FORMAT, A_HALVES, left.codes, quad) * unit_of(A_FORMAT, A_HALVES);
  return before_end(own * left.scale, segment * SEGMENT + 4u * quad);
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let number = params.first_tile + workgroup.y * workgroups.x + workgroup.x;
  if (number >= params.end_tile) { return; }
  let place = place_of(number, ROWS, COLS);
  let unit = unit_of(B_FORMAT, B_HALVES);

  var acc = array<Strip, ROWS>();
  for (var segment = place.first_step + thread; segment < place.end_step; segment += THREADS) {
    var lefts = array<Left, ROWS>();
    for (var m = 0u; m < ROWS; m++) { lefts[m] = fetch_left(m, segment); }
    let upper = fetch_four(place.col, segment, place.end_step);
    let lower = fetch_four(place.col + 4u, segment, place.end_step);

    var sums = array<Strip, ROWS>();
    for (var quad = 0u; quad < 4u; quad++) {
      let left = columns_of(upper, quad);
      let right = columns_of(lower, quad);
      for (var m = 0u; m < ROWS; m++) {
        let a = left_values(lefts[m], segment, quad);
        sums[m] = Strip(sums[m].left + products(left, a), sums[m].right + products(right, a));
      }
    }
    for (var m = 0u; m < ROWS; m++) {
      let scaled = Strip(
        fma(sums[m].left * unit, upper.scales, acc[m].left),
        fma(sums[m].right * unit, lower.scales, acc[m].right),
      );
      acc[m] = scaled;
    }
  }

  for (var m = 0u; m < ROWS; m++) { thread_sums[m * THREADS + thread] = acc[m]; }
  for (var span = THREADS / 2u; span > 0u; span /= 2u) {
    workgroupBarrier();
    if (thread < span) {
      for (var m = 0u; m < ROWS; m++) { add_thread(m * THREADS + thread, span); }
    }
  }
  workgroupBarrier();
  if (thread < ROWS && thread < params.a.rows && place.col < params.b.rows) {
    let index = place.offset + thread * params.pitch + place.col;
    store_output(index, add_addend(index, thread_sums[thread * THREADS]));
  }
}

// Adds the sum `span` further on to one of them.
fn add_thread(at : u32, span : u32) {
  // Both are within these bounds; saying so spares a check of each index (robustness).
  let own = min(at, ROWS * THREADS - 1u);
  let other = thread_sums[min(at + span, ROWS * THREADS - 1u)];
  thread_sums[own] = Strip(thread_sums[own].left + other.left, thread_sums[own].right + other.right);
}
