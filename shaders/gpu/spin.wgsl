// Multiply-adds in f32 and nothing else, to see how fast an adapter is: ROUNDS rounds of eight a thread, by eight sums
// that do not wait for one another. 64 threads; no workgroup memory.
@group(0) @binding(1) var<storage, read_write> results : array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup : vec3<u32>, @builtin(local_invocation_index) thread : u32) {
  var low = vec4<f32>(f32(thread));
  var high = vec4<f32>(f32(workgroup.x));
  for (var round = 0u; round < ROUNDS; round++) {
    low = fma(low, vec4<f32>(0.5), vec4<f32>(1.0));
    high = fma(high, vec4<f32>(0.5), vec4<f32>(1.0));
  }
  // Never true, which a compiler does not know.
  if (low.x + high.x == -1.0) { results[0] = low + high; }
}
