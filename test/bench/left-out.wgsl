// Zeros in place of some words, one every `stride` from `first` on: what a kernel is given or gives, with a part left
// out. A thread makes one.
struct Params {
  count : u32,
  first : u32,
  stride : u32,
  // Bits that stay.
  mask : u32,
}

@group(0) @binding(0) var<uniform> params : Params;
@group(0) @binding(1) var<storage, read_write> words : array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread : vec3<u32>) {
  if (thread.x < params.count) { words[params.first + thread.x * params.stride] &= params.mask; }
}
