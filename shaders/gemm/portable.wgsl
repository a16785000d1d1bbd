// D = A * transpose(B) (+ C), scales applied at every promotion: the kernel that runs wherever WebGPU does.
// Needs: operands.wgsl and what it needs, strip.wgsl, one of addend-*.wgsl, one of output-*.wgsl.
//
// Tile: 64 x 64 of D a workgroup, 16 of K a step. Threads: 64, as 8 x 8; each owns 8 x 8 of D, because a
// value read from workgroup memory then serves 8 multiplications, and reading is what costs most after them.
// Workgroup memory: 8704 bytes (two tiles of 64 x 16 decoded values, 128 scales), so that an adapter with
// 16 KiB a workgroup and 32 KiB a core holds several workgroups and one computes while another loads.
//
// A step: every thread decodes one segment (16 bytes of 8-bit codes) of A and one of B into the tiles, both in
// registers since the step before, and then requests the next. A tile holds four consecutive k of a row as one
// vec4, so that whole vectors are written, and lies quad by quad of k, so that neighbouring threads touch
// neighbouring vectors. Rows are permuted (row_of_slot) so that a thread's 8 rows are consecutive in D while
// the slots of neighbouring threads are neighbours in the tile.
//
// Arithmetic: within a promotion interval products are added in f32 in ascending k from 0; then
// acc = fma(r(scale_a * scale_b), partial, acc). An adapter may fuse or split a multiplication and an addition,
// round either way, and flush f32 subnormals: src/gemm/error-bound.ts says what that amounts to.
const TILE : u32 = 64u;
const SIDE : u32 = 8u;
const QUADS : u32 = SEGMENT / 4u;

var<workgroup> a_tile : array<vec4<f32>, QUADS * TILE>;
var<workgroup> b_tile : array<vec4<f32>, QUADS * TILE>;
var<workgroup> a_scale : array<f32, TILE>;
var<workgroup> b_scale : array<f32, TILE>;

// Thread t of a side owns rows 8t to 8t + 7 of a tile; they lie in slots t, t + 8, t + 16, ...
fn row_of_slot(slot : u32) -> u32 {
  return (slot % SIDE) * 8u + slot / SIDE;
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let tile = params.first_tile + workgroup.y * workgroups.x + workgroup.x;
  if (tile >= params.end_tile) { return; }
  let tile_row = (tile / params.tile_cols) * TILE;
  let tile_col = (tile % params.tile_cols) * TILE;

  // What this thread brings: one row of A and one of B. Rows beyond the matrix bring nothing.
  let a_row = tile_row + row_of_slot(thread);
  let b_row = tile_col + row_of_slot(thread);
  let brings_a = a_row < params.a.rows;
  let brings_b = b_row < params.b.rows;
  var a_next = Segment();
  var b_next = Segment();
  if (brings_a) { a_next = read_segment(A, A_FORMAT, a_row, 0u); }
  if (brings_b) { b_next = read_segment(B, B_FORMAT, b_row, 0u); }

  // What this thread computes: 8 rows from `row` on, 8 columns from `col` on.
  let x = thread % SIDE;
  let y = thread / SIDE;
  let row = tile_row + y * 8u;
  let col = tile_col + x * 8u;
  let computes = row < params.a.rows && col < params.b.rows;
  var acc = array<Strip, 8>();
  var partial = array<Strip, 8>();

  for (var step = 0u; step < params.steps; step++) {
    let phase = step % params.promotion_steps;
    let last = step + 1u == params.steps;

    if (brings_a) {
      for (var quad = 0u; quad < QUADS; quad++) {
        a_tile[quad * TILE + thread] = decode_quad(A_FORMAT, a_next, quad);
      }
      if (phase == 0u) { a_scale[thread] = scale_at(A, a_row, step * SEGMENT); }
      if (!last) { a_next = read_segment(A, A_FORMAT, a_row, step + 1u); }
    }
    if (brings_b) {
      for (var quad = 0u; quad < QUADS; quad++) {
        b_tile[quad * TILE + thread] = decode_quad(B_FORMAT, b_next, quad);
      }
      if (phase == 0u) { b_scale[thread] = scale_at(B, b_row, step * SEGMENT); }
      if (!last) { b_next = read_segment(B, B_FORMAT, b_row, step + 1u); }
    }
    workgroupBarrier();

    if (computes) {
      for (var quad = 0u; quad < QUADS; quad++) {
        // A column of these matrices is four columns of D at one k.
        let b = quad * TILE + x;
        let left = transpose(mat4x4<f32>(b_tile[b], b_tile[b + 8u], b_tile[b + 16u], b_tile[b + 24u]));
        let right = transpose(mat4x4<f32>(b_tile[b + 32u], b_tile[b + 40u], b_tile[b + 48u], b_tile[b + 56u]));
        for (var i = 0u; i < 8u; i++) {
          let a = a_tile[quad * TILE + y + i * SIDE];
          partial[i] = Strip(
            partial[i].left + left[0] * a.x + left[1] * a.y + left[2] * a.z + left[3] * a.w,
            partial[i].right + right[0] * a.x + right[1] * a.y + right[2] * a.z + right[3] * a.w,
          );
        }
      }
      if (last || phase + 1u == params.promotion_steps) {
        let left = vec4<f32>(b_scale[x], b_scale[x + 8u], b_scale[x + 16u], b_scale[x + 24u]);
        let right = vec4<f32>(b_scale[x + 32u], b_scale[x + 40u], b_scale[x + 48u], b_scale[x + 56u]);
        for (var i = 0u; i < 8u; i++) {
          let scale = a_scale[y + i * SIDE];
          acc[i] = Strip(
            fma(left * scale, partial[i].left, acc[i].left),
            fma(right * scale, partial[i].right, acc[i].right),
          );
          partial[i] = Strip();
        }
      }
    }
    workgroupBarrier();
  }

  if (computes) {
    for (var i = 0u; i < min(8u, params.a.rows - row); i++) {
      let index = (row + i) * params.pitch + col;
      store_output(index, add_addend(index, acc[i]));
    }
  }
}
