// data[i] += params.addend, a shader small enough to see through. 64 threads; no workgroup memory.
// Constants: FACTOR.
struct Params {
  addend : u32,
}

@group(0) @binding(0) var<uniform> params : Params;
@group(0) @binding(1) var<storage, read_write> data : array<u32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let index = (workgroup.x + workgroup.y * workgroups.x) * 64u + thread;
  if (index < arrayLength(&data)) { data[index] += params.addend * FACTOR; }
}
