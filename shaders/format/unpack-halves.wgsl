// What this adapter's unpack2x16float() makes of subnormal halves, which WGSL lets it flush to zero. One pair a
// thread, 64 threads; no workgroup memory.
@group(0) @binding(1) var<storage, read> pairs : array<u32>;
@group(0) @binding(2) var<storage, read_write> values : array<vec2<u32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id : vec3<u32>) {
  if (id.x >= arrayLength(&pairs)) { return; }
  values[id.x] = bitcast<vec2<u32>>(unpack2x16float(pairs[id.x]));
}
