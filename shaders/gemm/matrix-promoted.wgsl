// D = A * transpose(B) (+ C) on matrix units with promotion: the codes' own values are multiplied and added for one
// interval of K, then acc = fma(r(scale_a * scale_b), partial, acc) in f32, as DeepSeek-V3 does on CUDA cores.
// Needs: matrix-tile.wgsl and what it needs, one of addend-*.wgsl, one of output-*.wgsl.
//
// Tile: TILE_ROWS x TILE_COLS of D (128 x 128) a workgroup, DEPTH (32) of K a step. Threads: SUBGROUP_SIZE for each
// UNIT_ROWS x UNIT_COLS (32 x 64) of it: 256 for eight subgroups of 32; half of what matrix-folded.wgsl gives a
// subgroup, since the promoted sums take as many registers again. Workgroup memory (matrix-tile.wgsl): 20 KiB of halves
// for 128 x 128 x 32; the elements of a subgroup's matrices cannot be touched where they are, so that partial sums pass
// through the same memory to be promoted, a band of MATRIX_M rows at a time, and 1 KiB of scales.
//
// Products of codes are exact; what a matrix unit loses in adding them is bounded in src/gemm/matrix-error-bound.ts.
var<workgroup> a_scale : array<f32, TILE_ROWS>;
var<workgroup> b_scale : array<vec4<f32>, TILE_COLS / 4u>;

fn factor_at(side : u32, row : u32, k : u32) -> f32 {
  return 1.0;
}

// The scale of a row's interval that begins at element k; 0 from row `end` on.
fn interval_scale(side : u32, row : u32, end : u32, k : u32) -> f32 {
  if (row >= end) { return 0.0; }
  return scale_at(side, row, k);
}

@compute @workgroup_size(SUBGROUP_SIZE, SUBGROUPS)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_id) local : vec3<u32>,
) {
  let number = params.first_tile + workgroup.y * workgroups.x + workgroup.x;
  if (number >= params.end_tile) { return; }
  let place = place_of(number, TILE_ROWS, TILE_COLS);
  if (place.row >= place.row_end) { return; }
  let subgroup = local.y;
  let thread = subgroup * SUBGROUP_SIZE + local.x;

  var next = array<Unit, UNITS>();
  for (var i = 0u; i < UNITS; i++) {
    next[i] = fetch(i * THREADS + thread, place, place.first_step);
  }
  var acc = array<Strip, MATRICES_Y * LANE_STRIPS>();
  for (var start = place.first_step; start < place.end_step; start += params.promotion_steps) {
    let end = min(start + params.promotion_steps, place.end_step);
    var sums = array<Result, MATRICES_Y * MATRICES_X>();
    for (var step = start; step < end; step += STEP_SEGMENTS) {
      for (var i = 0u; i < UNITS; i++) { fill(i * THREADS + thread, next[i]); }
      if (step == start) {
        for (var row = thread; row < TILE_ROWS; row += THREADS) {
          a_scale[min(row, TILE_ROWS - 1u)] = interval_scale(A, place.row + row, place.row_end, start * SEGMENT);
        }
        for (var quad = thread; quad < TILE_COLS / 4u; quad += THREADS) {
          let row = place.b_row + place.col + quad * 4u;
          let row_end = place.b_row + place.col_end;
          let k = start * SEGMENT;
          b_scale[min(quad, TILE_COLS / 4u - 1u)] = vec4<f32>(
            interval_scale(B, row, row_end, k),
            interval_scale(B, row + 1u, row_end, k),
            interval_scale(B, row + 2u, row_end, k),
            interval_scale(B, row + 3u, row_end, k),
          );
        }
      }
      if (step + STEP_SEGMENTS < place.end_step) {
        for (var i = 0u; i < UNITS; i++) {
          next[i] = fetch(i * THREADS + thread, place, step + STEP_SEGMENTS);
        }
      }
      workgroupBarrier();
      multiply_step(subgroup, &sums);
      workgroupBarrier();
    }

    for (var i = 0u; i < MATRICES_Y; i++) {
      store_band(subgroup, i, &sums);
      workgroupBarrier();
      for (var n = 0u; n < LANE_STRIPS; n++) {
        let strip = n * SUBGROUP_SIZE + local.x;
        if (strip < BAND_STRIPS) {
          let at = strip_place(subgroup, i, strip);
          let partial = band_strip(subgroup, strip);
          let scale = a_scale[min(at.x, TILE_ROWS - 1u)];
          let quad = min(at.y / 4u, TILE_COLS / 4u - 2u);
          let one = acc[i * LANE_STRIPS + n];
          acc[i * LANE_STRIPS + n] = Strip(
            fma(b_scale[quad] * scale, partial.left, one.left),
            fma(b_scale[quad + 1u] * scale, partial.right, one.right),
          );
        }
      }
      workgroupBarrier();
    }
  }

  for (var i = 0u; i < MATRICES_Y; i++) {
    for (var n = 0u; n < LANE_STRIPS; n++) {
      let strip = n * SUBGROUP_SIZE + local.x;
      let at = strip_place(subgroup, i, strip);
      let row = place.row + at.x;
      let col = place.col + at.y;
      if (strip < BAND_STRIPS && row < place.row_end && col < place.col_end) {
        let index = place.offset + row * params.pitch + col;
        store_output(index, add_addend(index, acc[i * LANE_STRIPS + n]));
      }
    }
  }
}
