// How many assignments each expert has, a workgroup to an expert. Needs: rows-params.wgsl.
//
// Threads: 64, each counting every 64th assignment. Workgroup memory: 4 bytes, the count.
const THREADS : u32 = 64u;

@group(0) @binding(1) var<storage, read> chosen_experts : array<u32>;
@group(0) @binding(2) var<storage, read_write> counts : array<u32>;

var<workgroup> count : atomic<u32>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let expert = params.first_expert + workgroup.y * workgroups.x + workgroup.x;
  if (expert >= params.end_expert) { return; }
  var mine = 0u;
  for (var i = thread; i < params.assignments; i += THREADS) { mine += u32(chosen_experts[i] == expert); }
  atomicAdd(&count, mine);
  workgroupBarrier();
  if (thread == 0u) {
    let all = atomicLoad(&count);
    counts[expert] = select(all, min(all, params.group_rows), params.group_rows > 0u);
  }
}
