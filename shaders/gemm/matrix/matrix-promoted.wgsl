// D = A * transpose(B) (+ C) on matrix units with promotion: codes are multiplied without scales and added for one
// interval of K, then acc = fma(r(scale_a * scale_b), partial, acc) in f32, as DeepSeek-V3 does on CUDA cores. Needs:
// matrix-tile.wgsl and what it needs, lifted.wgsl, unscaled.wgsl, matrix-stored.wgsl for an A of codes or
// matrix-fused.wgsl for one of values, one of addend-*.wgsl, one of output-*.wgsl. Constant: B_SHARED (all columns of a
// tile have the same scale of B).
//
// Tile: TILE_ROWS x TILE_COLS of D a workgroup, DEPTH (32) of K a step. Threads: SUBGROUP_SIZE for each UNIT_ROWS x
// UNIT_COLS of it, 128 for four subgroups of 32. With partial sums in f32, 64 x 128 and 32 x 64: half of what
// matrix-folded.wgsl gives a subgroup, since the promoted sums take as many registers again. In f16, 128 x 128 and 64 x
// 64, with 192 registers of sums. Workgroup memory (matrix-tile.wgsl): the elements of a subgroup's matrices cannot be
// touched where they are, so that partial sums pass through the operands' memory to be promoted, a band of MATRIX_M
// rows at a time: 18 KiB for 64 x 128 x 32 in f32, of which the halves take 15, and 0.8 KiB of scales; 20 KiB for 128 x
// 128 x 32 in f16, of which the four subgroups' bands take 9, and 1 KiB.
//
// What a matrix unit loses in multiplying and adding them is bounded in src/gemm/matrix/error-bound.ts.
var<workgroup> a_scale : array<f32, TILE_ROWS>;
var<workgroup> b_scale : array<vec4<f32>, TILE_COLS / 4u>;

// A thread's part of a band of promoted sums, at most four strips, and all its bands, at most four; structures for the
// reason given in matrix-sums.wgsl.
struct Band {
  s0 : Strip,
  s1 : Strip,
  s2 : Strip,
  s3 : Strip,
}

struct Promoted {
  b0 : Band,
  b1 : Band,
  b2 : Band,
  b3 : Band,
}

// The scale of a row's interval that begins at element k; 0 from row `end` on.
fn interval_scale(side : u32, row : u32, end : u32, k : u32) -> f32 {
  if (row >= end) { return 0.0; }
  return scale_at(side, row, k);
}

// What a thread brings of an interval's scales: a row's, and four columns', or in b.x the one that all columns share.
struct Scales {
  a : f32,
  b : vec4<f32>,
}
const_assert TILE_ROWS <= THREADS && TILE_COLS / 4u <= THREADS;

// Those of the interval that begins at element k.
fn fetch_scales(thread : u32, place : Place, k : u32) -> Scales {
  var scales = Scales();
  if (thread < TILE_ROWS) { scales.a = scale_of_a(thread, place, k); }
  let row = place.b_row + place.col;
  let row_end = place.b_row + place.col_end;
  if (B_SHARED) {
    scales.b.x = interval_scale(B, row, row_end, k);
  } else if (thread < TILE_COLS / 4u) {
    let first = row + thread * 4u;
    scales.b = vec4<f32>(
      interval_scale(B, first, row_end, k),
      interval_scale(B, first + 1u, row_end, k),
      interval_scale(B, first + 2u, row_end, k),
      interval_scale(B, first + 3u, row_end, k),
    );
  }
  return scales;
}

// Puts them where all threads find them; a scale that columns share is multiplied into the rows'.
fn keep_scales(thread : u32, scales : Scales) {
  let a = select(scales.a, scales.a * scales.b.x, B_SHARED);
  if (thread < TILE_ROWS) { a_scale[min(thread, TILE_ROWS - 1u)] = a; }
  if (!B_SHARED && thread < TILE_COLS / 4u) { b_scale[min(thread, TILE_COLS / 4u - 1u)] = scales.b; }
}

// The scales of the eight columns that all of a thread's strips have; nothing if all columns share one.
fn column_scales(subgroup : u32, lane : u32) -> Strip {
  if (B_SHARED) { return Strip(); }
  let quad = min(strip_place(subgroup, 0u, lane).y / 4u, TILE_COLS / 4u - 2u);
  return Strip(b_scale[quad], b_scale[quad + 1u]);
}
const_assert SUBGROUP_SIZE % ROW_STRIPS == 0u;
const_assert K_SUBGROUPS == 1u;

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

  var progress = begin(thread, place);
  var acc = Promoted();
  for (var start = place.first_step; start < place.end_step; start += params.promotion_steps) {
    let end = min(start + params.promotion_steps, place.end_step);
    stage_a(start, place, thread);
    // Asked for before the products that they scale, and waited for after them.
    let scales = fetch_scales(thread, place, start * SEGMENT);
    let fetched = Progress(progress.next, Sums());
    progress = advance_to_end(subgroup, thread, place, start, end, fetched);
    let sums = progress.sums;
    keep_scales(thread, scales);
    // No loop over bands: see matrix-sums.wgsl.
    acc.b0 = promote_band(subgroup, local.x, 0u, sums, acc.b0);
    if (MATRICES_Y > 1u) { acc.b1 = promote_band(subgroup, local.x, 1u, sums, acc.b1); }
    if (MATRICES_Y > 2u) { acc.b2 = promote_band(subgroup, local.x, 2u, sums, acc.b2); }
    if (MATRICES_Y > 3u) { acc.b3 = promote_band(subgroup, local.x, 3u, sums, acc.b3); }
  }

  finish_band(subgroup, local.x, 0u, place, acc.b0);
  if (MATRICES_Y > 1u) { finish_band(subgroup, local.x, 1u, place, acc.b1); }
  if (MATRICES_Y > 2u) { finish_band(subgroup, local.x, 2u, place, acc.b2); }
  if (MATRICES_Y > 3u) { finish_band(subgroup, local.x, 3u, place, acc.b3); }
}

// Adds band `i` of a subgroup's partial sums, with their scales, to the promoted ones.
fn promote_band(subgroup : u32, lane : u32, i : u32, sums : Sums, acc : Band) -> Band {
  store_band(subgroup, i, sums);
  workgroupBarrier();
  let b = column_scales(subgroup, lane);
  var band = acc;
  band.s0 = promote_strip(subgroup, i, lane, b, acc.s0);
  if (LANE_STRIPS > 1u) { band.s1 = promote_strip(subgroup, i, SUBGROUP_SIZE + lane, b, acc.s1); }
  if (LANE_STRIPS > 2u) { band.s2 = promote_strip(subgroup, i, 2u * SUBGROUP_SIZE + lane, b, acc.s2); }
  if (LANE_STRIPS > 3u) { band.s3 = promote_strip(subgroup, i, 3u * SUBGROUP_SIZE + lane, b, acc.s3); }
  workgroupBarrier();
  return band;
}

// Given the scales of the strip's columns, if they do not share one.
fn promote_strip(subgroup : u32, i : u32, strip : u32, b : Strip, acc : Strip) -> Strip {
  let partial = band_strip(subgroup, strip);
  let scale = a_scale[min(strip_place(subgroup, i, strip).x, TILE_ROWS - 1u)];
  var scales = Strip(vec4<f32>(scale), vec4<f32>(scale));
  if (!B_SHARED) { scales = Strip(b.left * scale, b.right * scale); }
  return Strip(fma(scales.left, partial.left, acc.left), fma(scales.right, partial.right, acc.right));
}

// Writes a thread's part of band `i` to D.
fn finish_band(subgroup : u32, lane : u32, i : u32, place : Place, band : Band) {
  finish_strip(subgroup, i, lane, place, band.s0);
  if (LANE_STRIPS > 1u) { finish_strip(subgroup, i, SUBGROUP_SIZE + lane, place, band.s1); }
  if (LANE_STRIPS > 2u) { finish_strip(subgroup, i, 2u * SUBGROUP_SIZE + lane, place, band.s2); }
  if (LANE_STRIPS > 3u) { finish_strip(subgroup, i, 3u * SUBGROUP_SIZE + lane, place, band.s3); }
}

fn finish_strip(subgroup : u32, i : u32, strip : u32, place : Place, sums : Strip) {
  let at = strip_place(subgroup, i, strip);
  let row = place.row + at.x;
  let col = place.col + at.y;
  if (strip < BAND_STRIPS && row < place.row_end && col < place.col_end) {
    let index = place.offset + row * params.pitch + col;
    let whole = Strip(sums.left * UNLIFTED, sums.right * UNLIFTED);
    store_output(index, add_addend(index, whole));
  }
}
