// Products and quotients of pairs of f32 bits. Needs: format.wgsl and the arithmetic shaders.
struct Params {
  count : u32,
}

@group(0) @binding(0) var<uniform> params : Params;
@group(0) @binding(1) var<storage, read> pairs : array<vec2<u32>>;
// x: a * b, y: a / b.
@group(0) @binding(2) var<storage, read_write> results : array<vec2<u32>>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let i = (workgroup.x + workgroup.y * workgroups.x) * 64u + thread;
  if (i >= params.count) { return; }
  let pair = pairs[i];
  results[i] = vec2<u32>(multiply_bits(pair.x, pair.y), divide_bits(pair.x, pair.y));
}
