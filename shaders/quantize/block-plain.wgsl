// A source of block.wgsl as a plain f32 matrix: the first of two passes, where quantising is the second.
// Needs: eight.wgsl, block-params.wgsl, a block-source-*.wgsl.
//
// A thread writes eight elements. 64 threads; no workgroup memory.
@group(0) @binding(RESULT) var<storage, read_write> result : array<vec4<u32>>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let item = params.first_tile + (workgroup.y * workgroups.x + workgroup.x) * 64u + thread;
  if (item >= params.end_tile) { return; }
  let row = item / params.tiles_across;
  let col = (item % params.tiles_across) * 8u;
  let e = source_eight(row, col);
  result[item * 2u] = e.left;
  result[item * 2u + 1u] = e.right;
}
