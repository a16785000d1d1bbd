// Decodes 256 codes from `first` on with decode4, four a thread. Needs: decode4.wgsl and what it needs.
// Constants: FORMAT. 64 threads; no workgroup memory.
@group(0) @binding(0) var<uniform> first : u32;
@group(0) @binding(1) var<storage, read_write> values : array<vec4<u32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id : vec3<u32>) {
  let codes = vec4<u32>(first + id.x * 4u) + vec4<u32>(0u, 1u, 2u, 3u);
  if (codes.w < (1u << code_width(FORMAT))) { values[id.x] = bitcast<vec4<u32>>(decode4(FORMAT, codes)); }
}
