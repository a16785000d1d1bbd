// D = A * transpose(B) (+ C) in f32 for an A of at most 16 rows: bound by reading B once. Needs: operands.wgsl and what
// it needs, skinny-stored.wgsl for an A of codes or skinny-fused.wgsl for one of values, four-rows.wgsl,
// before-end.wgsl, place.wgsl, place-dense.wgsl, strip.wgsl, one of addend-*.wgsl, one of output-*.wgsl. Constants:
// ROWS (of A, rounded up: 1, 2, 4, 8 or 16), THREADS, LANES, TILE_SEGMENTS (of A's rows in workgroup memory), those of
// four-rows.wgsl.
//
// Tile: all rows of D by 4 * THREADS / LANES columns (16). Threads: THREADS (128), LANES of them (32, for 16 rows 16)
// side by side along K, so that a row of B is read 16 * LANES bytes at a stretch; each owns four rows of B, so that
// four loads of 16 bytes are under way at once in each of a core's many threads. Workgroup memory: 16 KiB, the default
// limit, of A's values with their scales, 4096 / ROWS of K at a time (TILE_SEGMENTS of 256; skinny-fused.wgsl says why
// half of them there): every group of LANES reads them. At the end it holds the lanes' sums.
//
// Arithmetic: r(code * scale) of A times B's codes, 16 of them added in f32 and then multiplied by B's scale, for one
// multiplication by it in 16. Where that scale is infinite and not as good as NaN (operands.wgsl), so is the product,
// unless the sum is zero or NaN; value by value a single zero among B's 16 would have made it NaN.
const GROUPS : u32 = THREADS / LANES;
const COLS : u32 = 4u * GROUPS;
// Segments in the tile of each of A's rows, and the vectors that all of them are.
const CHUNK_SEGMENTS : u32 = TILE_SEGMENTS / ROWS;
const TILE_VECTORS : u32 = 4u * TILE_SEGMENTS;
// Rows whose sums are added up at once.
const SUM_ROWS : u32 = min(ROWS, TILE_VECTORS / THREADS);

var<workgroup> a_tile : array<vec4<f32>, TILE_VECTORS>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let number = params.first_tile + workgroup.y * workgroups.x + workgroup.x;
  if (number >= params.end_tile) { return; }
  let place = place_of(number, ROWS, COLS);
  let lane = thread % LANES;
  let row = place.col + (thread / LANES) * 4u;

  let unit = unit_of(B_FORMAT, B_HALVES);

  var acc = array<vec4<f32>, ROWS>();
  for (var chunk = place.first_step; chunk < place.end_step; chunk += CHUNK_SEGMENTS) {
    fill_chunk(chunk, place, thread);
    workgroupBarrier();

    for (var i = 0u; i < CHUNK_SEGMENTS / LANES; i++) {
      // A part of K may be much shorter than a chunk.
      if (chunk + i * LANES >= place.end_step) { break; }
      let at = i * LANES + lane;
      let four = fetch_four(row, chunk + at, place.end_step);
      var sums = array<vec4<f32>, ROWS>();
      for (var quad = 0u; quad < 4u; quad++) {
        let b = columns_of(four, quad);
        for (var m = 0u; m < ROWS; m++) { sums[m] += products(b, a_tile[(m * 4u + quad) * CHUNK_SEGMENTS + at]); }
      }
      for (var m = 0u; m < ROWS; m++) { acc[m] = fma(sums[m] * unit, four.scales, acc[m]); }
    }
  }

  for (var first = 0u; first < ROWS; first += SUM_ROWS) {
    workgroupBarrier();
    for (var m = 0u; m < SUM_ROWS; m++) { a_tile[m * THREADS + thread] = acc[first + m]; }
    for (var span = LANES / 2u; span > 0u; span /= 2u) {
      workgroupBarrier();
      if (lane < span) {
        for (var m = 0u; m < SUM_ROWS; m++) { add_lane(m * THREADS + thread, span); }
      }
    }
    workgroupBarrier();
    // Two groups' columns are a strip.
    for (var strip = thread; strip < SUM_ROWS * GROUPS / 2u; strip += THREADS) {
      let m = strip / (GROUPS / 2u);
      let pair = strip % (GROUPS / 2u);
      let col = place.col + pair * 8u;
      if (first + m < params.a.rows && col < params.b.rows) {
        let index = place.offset + (first + m) * params.pitch + col;
        let at = min(m * THREADS + 2u * pair * LANES, TILE_VECTORS - LANES - 1u);
        store_output(index, add_addend(index, Strip(a_tile[at], a_tile[at + LANES])));
      }
    }
  }
}

// Adds the vector `span` further on to one of them.
fn add_lane(at : u32, span : u32) {
  // Both are within these bounds; saying so spares a check of each index (robustness).
  let own = min(at, TILE_VECTORS - 1u);
  a_tile[own] += a_tile[min(at + span, TILE_VECTORS - 1u)];
}
