// Fused multiply-adds of triples of f32 bits. Needs: format.wgsl and the arithmetic shaders.
struct Params {
  count : u32,
}

@group(0) @binding(0) var<uniform> params : Params;
// x * y + z; w is unused.
@group(0) @binding(1) var<storage, read> triples : array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> results : array<u32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let i = (workgroup.x + workgroup.y * workgroups.x) * 64u + thread;
  if (i >= params.count) { return; }
  let triple = triples[i];
  results[i] = fma_bits(triple.x, triple.y, triple.z);
}
