// dot4U8Packed and dot4I8Packed of pairs of words out of a buffer. One pair a thread, 64 threads, a multiple of
// every subgroup size; no workgroup memory.
@group(0) @binding(1) var<storage, read> pairs : array<vec2<u32>>;
// x: unsigned, y: signed.
@group(0) @binding(2) var<storage, read_write> results : array<vec2<u32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id : vec3<u32>) {
  if (id.x >= arrayLength(&pairs)) { return; }
  let pair = pairs[id.x];
  results[id.x] = vec2<u32>(dot4U8Packed(pair.x, pair.y), bitcast<u32>(dot4I8Packed(pair.x, pair.y)));
}
