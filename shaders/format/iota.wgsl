// Consecutive f32 bit patterns, written on the GPU so that none need be uploaded: values[i] = first + i.
// Needs nothing.
//
// A workgroup writes 1024 values: 64 threads, a width every adapter fills, neighbouring threads neighbouring
// words, 16 words each, which makes a grid of 2^24 values small. No workgroup memory: nothing is shared.
struct Params {
  first : u32,
  count : u32,
}

const THREADS : u32 = 64u;
const VALUES_PER_THREAD : u32 = 16u;

@group(0) @binding(0) var<uniform> params : Params;
@group(0) @binding(1) var<storage, read_write> values : array<u32>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let tile = (workgroup.x + workgroup.y * workgroups.x) * THREADS * VALUES_PER_THREAD;
  for (var i = 0u; i < VALUES_PER_THREAD; i++) {
    let index = tile + i * THREADS + thread;
    if (index < params.count) { values[index] = params.first + index; }
  }
}
