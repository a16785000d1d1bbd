// Multiply-adds in f32 and nothing else: the ceiling of anything that computes in f32 outside matrix units.
//
// 16 chains of multiply-adds a thread, four vectors of four, because one chain waits for its own result: the
// latency of today's GPUs is 4 to 10 multiply-adds. 256 threads, as many as every adapter allows, so that other
// subgroups fill what waiting is left; no workgroup memory, and one store a thread at the end.
// The factor and the addend come from outside, so that no compiler can do the sums ahead. Both are 1 here, so that
// chain c ends as c + steps, a whole number that f32 holds exactly and the host can check.
struct Params {
  // Threads that store a result.
  count : u32,
  // Rounds of four multiply-adds a chain.
  rounds : u32,
  // f32 bits.
  factor : u32,
  addend : u32,
}

@group(0) @binding(0) var<uniform> params : Params;
@group(0) @binding(1) var<storage, read_write> results : array<vec4<f32>>;

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let index = (workgroup.x + workgroup.y * workgroups.x) * 256u + thread;
  let factor = vec4<f32>(bitcast<f32>(params.factor));
  let addend = vec4<f32>(bitcast<f32>(params.addend));
  var a = vec4<f32>(0.0, 1.0, 2.0, 3.0);
  var b = a + 4.0;
  var c = a + 8.0;
  var d = a + 12.0;
  for (var round = 0u; round < params.rounds; round++) {
    a = fma(a, factor, addend);
    b = fma(b, factor, addend);
    c = fma(c, factor, addend);
    d = fma(d, factor, addend);
    a = fma(a, factor, addend);
    b = fma(b, factor, addend);
    c = fma(c, factor, addend);
    d = fma(d, factor, addend);
    a = fma(a, factor, addend);
    b = fma(b, factor, addend);
    c = fma(c, factor, addend);
    d = fma(d, factor, addend);
    a = fma(a, factor, addend);
    b = fma(b, factor, addend);
    c = fma(c, factor, addend);
    d = fma(d, factor, addend);
  }
  // All 16 chains are in the sums, so that none can be left out.
  if (index < params.count) { results[index] = a + b + c + d; }
}
