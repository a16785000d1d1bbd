// A shader with a mistake in its last line, to see what is made of it. 64 threads; no workgroup memory.
@group(0) @binding(0) var<storage, read_write> data : array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id : vec3<u32>) { data[id.x] = missing; }
