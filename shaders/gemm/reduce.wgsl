// Adds the sums of K's parts, in ascending k and in f32, and finishes D: the second dispatch of a product whose K is
// computed in parts. Needs: strip.wgsl, one of addend-*.wgsl, one of output-*.wgsl.
//
// A thread adds up one strip of eight elements, which it reads and writes in words of 16 bytes. 64 threads, since
// small outputs, which are what K is divided for, are then spread over many cores; no workgroup memory, because
// strips share nothing.
struct Params {
  parts : u32,
  // Strips of D, its rows' padding counted.
  strips : u32,
}

@group(0) @binding(0) var<uniform> params : Params;
@group(0) @binding(1) var<storage, read> partials : array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let strip = (workgroup.x + workgroup.y * workgroups.x) * 64u + thread;
  if (strip >= params.strips) { return; }
  var sum = Strip(partials[2u * strip], partials[2u * strip + 1u]);
  for (var part = 1u; part < params.parts; part++) {
    let at = 2u * (part * params.strips + strip);
    sum = Strip(sum.left + partials[at], sum.right + partials[at + 1u]);
  }
  store_output(8u * strip, add_addend(8u * strip, sum));
}
