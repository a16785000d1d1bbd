// Storage to storage: the ceiling of anything that is bound by memory.
//
// A thread copies 16 bytes, the widest access WGSL has, so that loads and stores of a subgroup are adjacent.
// 256 threads, as many as every adapter allows; no workgroup memory.
struct Params {
  // Words of 16 bytes.
  count : u32,
}

@group(0) @binding(0) var<uniform> params : Params;
@group(0) @binding(1) var<storage, read> source : array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> destination : array<vec4<u32>>;

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let index = (workgroup.x + workgroup.y * workgroups.x) * 256u + thread;
  if (index < params.count) { destination[index] = source[index]; }
}
