// What this adapter's own f32 arithmetic gives: sums, products and fused multiply-adds of triples of f32s, to be
// compared with IEEE 754's. One triple a thread, 64 threads; no workgroup memory.
@group(0) @binding(1) var<storage, read> triples : array<vec4<f32>>;
// x: x + z, y: x * y, z: fma(x, y, z)
@group(0) @binding(2) var<storage, read_write> results : array<vec4<u32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id : vec3<u32>) {
  if (id.x >= arrayLength(&triples)) { return; }
  let t = triples[id.x];
  results[id.x] = vec4<u32>(bitcast<u32>(t.x + t.z), bitcast<u32>(t.x * t.y), bitcast<u32>(fma(t.x, t.y, t.z)), 0u);
}
