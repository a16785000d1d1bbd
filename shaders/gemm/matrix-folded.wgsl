// D = A * transpose(B) (+ C) on matrix units, each value multiplied by its scale on the way into workgroup memory, so
// that nothing but multiply-accumulates happens along K. Needs: matrix-tile.wgsl and what it needs, one of
// addend-*.wgsl, one of output-*.wgsl. Constants: A_LIFT, B_LIFT (exponents), and those of matrix-tile.wgsl.
//
// Tile: TILE_ROWS x TILE_COLS of D (128 x 128) a workgroup, DEPTH (32) of K a step. Threads: SUBGROUP_SIZE for each
// UNIT_ROWS x UNIT_COLS (64 x 64) of it: 128 for four subgroups of 32. Workgroup memory (matrix-tile.wgsl): rows of
// DEPTH halves and 16 bytes of padding, 20 KiB for 128 x 128 x 32, so that several workgroups share a core and one
// multiplies while another loads; the results pass through the same memory.
//
// Halves reach from 2^-24 to 2^15 only. A row's scales are therefore taken relative to a power of two near the row's
// largest (scale-reference.wgsl), with which the sums are multiplied at the end, and values are lifted to the upper
// end of that range. Power-of-two scales then change no bit, unless one is 2^-(15 + A_LIFT - bits below 1) of its
// row's largest or less: src/gemm/error-bound.ts has the bound for that and for other scales.
@group(0) @binding(7) var<storage, read> references : array<f32>;

// The power of two that scales of a row are relative to: of A's rows first, then of B's.
fn reference_at(side : u32, row : u32) -> f32 {
  if (side == A) { return references[row]; }
  return references[params.a.rows + row];
}

fn lift_of(side : u32) -> u32 {
  if (side == A) { return A_LIFT; }
  return B_LIFT;
}

// 2^exponent of a normal f32.
fn power_of_two(exponent : i32) -> f32 {
  return bitcast<f32>(u32(exponent + 127) << 23u);
}

fn factor_at(side : u32, row : u32, k : u32) -> f32 {
  // The reference is a power of two from 2^-100 to 2^100, whose inverse is exact.
  let reference = i32(bitcast<u32>(reference_at(side, row)) >> 23u) - 127;
  return scale_at(side, row, k) * power_of_two(i32(lift_of(side)) - reference);
}

// What a column of sums is multiplied by at the end.
fn end_factor(col : u32) -> f32 {
  return reference_at(B, min(col, params.b.rows - 1u)) * power_of_two(-i32(A_LIFT + B_LIFT));
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
  var sums = array<Result, MATRICES_Y * MATRICES_X>();
  for (var step = part.first_step; step < part.end_step; step += STEP_SEGMENTS) {
    for (var i = 0u; i < UNITS; i++) { fill(i * THREADS + thread, next[i]); }
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
      let place = strip_place(subgroup, i, strip, first);
      if (strip < BAND_STRIPS && place.x < params.a.rows && place.y < params.b.rows) {
        let index = place.x * params.pitch + place.y;
        let row = reference_at(A, place.x);
        let sum = band_strip(subgroup, strip);
        let left = vec4<f32>(
          end_factor(place.y), end_factor(place.y + 1u), end_factor(place.y + 2u), end_factor(place.y + 3u)
        );
        let right = vec4<f32>(
          end_factor(place.y + 4u), end_factor(place.y + 5u), end_factor(place.y + 6u), end_factor(place.y + 7u)
        );
        let scaled = Strip(sum.left * left * row, sum.right * right * row);
        store_output(part.offset + index, add_addend(index, scaled));
      }
    }
    workgroupBarrier();
  }
}
