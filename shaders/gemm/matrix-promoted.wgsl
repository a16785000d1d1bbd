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
// Products of codes are exact; what a matrix unit loses in adding them is bounded in src/gemm/error-bound.ts.
var<workgroup> a_scale : array<f32, TILE_ROWS>;
var<workgroup> b_scale : array<vec4<f32>, TILE_COLS / 4u>;

fn factor_at(side : u32, row : u32, k : u32) -> f32 {
  return 1.0;
}

// The scale of a row's interval that begins at element k; 0 beyond the matrix.
fn interval_scale(side : u32, row : u32, k : u32) -> f32 {
  if (row >= operand_of(side).rows) { return 0.0; }
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
  let part = part_of(number);
  let first = vec2<u32>((part.tile / params.tile_cols) * TILE_ROWS, (part.tile % params.tile_cols) * TILE_COLS);
  let subgroup = local.y;
  let thread = subgroup * SUBGROUP_SIZE + local.x;

  var next = array<Unit, UNITS>();
  for (var i = 0u; i < UNITS; i++) {
    next[i] = fetch(i * THREADS + thread, first.x, first.y, part.first_step, part.end_step);
  }
  var acc = array<Strip, MATRICES_Y * LANE_STRIPS>();
  for (var start = part.first_step; start < part.end_step; start += params.promotion_steps) {
    let end = min(start + params.promotion_steps, part.end_step);
    var sums = array<Result, MATRICES_Y * MATRICES_X>();
    for (var step = start; step < end; step += STEP_SEGMENTS) {
      for (var i = 0u; i < UNITS; i++) { fill(i * THREADS + thread, next[i]); }
      if (step == start) {
        for (var row = thread; row < TILE_ROWS; row += THREADS) {
          a_scale[min(row, TILE_ROWS - 1u)] = interval_scale(A, first.x + row, start * SEGMENT);
        }
        for (var quad = thread; quad < TILE_COLS / 4u; quad += THREADS) {
          let col = first.y + quad * 4u;
          let k = start * SEGMENT;
          b_scale[min(quad, TILE_COLS / 4u - 1u)] = vec4<f32>(
            interval_scale(B, col, k),
            interval_scale(B, col + 1u, k),
            interval_scale(B, col + 2u, k),
            interval_scale(B, col + 3u, k),
          );
        }
      }
      if (step + STEP_SEGMENTS < part.end_step) {
        for (var i = 0u; i < UNITS; i++) {
          next[i] = fetch(i * THREADS + thread, first.x, first.y, step + STEP_SEGMENTS, part.end_step);
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
          let place = strip_place(subgroup, i, strip, vec2<u32>());
          let partial = band_strip(subgroup, strip);
          let scale = a_scale[min(place.x, TILE_ROWS - 1u)];
          let quad = min(place.y / 4u, TILE_COLS / 4u - 2u);
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
      let place = strip_place(subgroup, i, strip, first);
      if (strip < BAND_STRIPS && place.x < params.a.rows && place.y < params.b.rows) {
        let index = place.x * params.pitch + place.y;
        store_output(part.offset + index, add_addend(index, acc[i * LANE_STRIPS + n]));
      }
    }
  }
}
