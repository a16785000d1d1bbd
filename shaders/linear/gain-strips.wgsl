// Adds up what gain-gradient.wgsl has of each strip, in ascending order. Needs: format.wgsl, steps.wgsl and what it
// needs.
//
// A thread to a column. 64 threads; no workgroup memory.
struct Params {
  // The dispatch's columns: first_col to end_col - 1.
  first_col : u32,
  end_col : u32,
  // Columns with their padding, and strips.
  pitch : u32,
  strips : u32,
}

@group(0) @binding(0) var<uniform> params : Params;
// f32 bits, of each strip and column; and of each column.
@group(0) @binding(1) var<storage, read> strips : array<u32>;
@group(0) @binding(2) var<storage, read_write> result : array<u32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let col = params.first_col + (workgroup.y * workgroups.x + workgroup.x) * 64u + thread;
  if (col >= params.end_col) { return; }
  var sum = strips[col];
  for (var strip = 1u; strip < params.strips; strip++) {
    sum = fused_step_of_any(ONE, sum, strips[strip * params.pitch + col]);
  }
  result[col] = sum;
}
