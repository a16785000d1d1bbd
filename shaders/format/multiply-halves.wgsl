// What this adapter's f16 arithmetic makes of subnormal halves that it multiplies. One pair a thread, 64 threads; no
// workgroup memory.
@group(0) @binding(1) var<storage, read> pairs : array<u32>;
@group(0) @binding(2) var<storage, read_write> products : array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id : vec3<u32>) {
  if (id.x >= arrayLength(&pairs)) { return; }
  products[id.x] = bitcast<u32>(bitcast<vec2<f16>>(pairs[id.x]) * f16(256.0));
}
