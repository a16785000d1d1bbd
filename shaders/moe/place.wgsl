// The row of each assignment and the assignment of each row, a workgroup to an expert. Needs: rows-params.wgsl.
//
// Threads: 64, which look at 64 consecutive assignments at a time: an assignment's row is the expert's next, plus the
// count of its own before it among the 64, so that the order is that of the assignments on every adapter. Workgroup
// memory: 256 bytes, whether each of the 64 is the expert's.
const THREADS : u32 = 64u;

@group(0) @binding(1) var<storage, read> chosen_experts : array<u32>;
@group(0) @binding(2) var<storage, read> offsets : array<u32>;
@group(0) @binding(3) var<storage, read_write> row_of : array<u32>;
// The assignment plus 1; 0 for padding.
@group(0) @binding(4) var<storage, read_write> source_of : array<u32>;

var<workgroup> own : array<u32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let expert = params.first_expert + workgroup.y * workgroups.x + workgroup.x;
  if (expert >= params.end_expert) { return; }
  var next = offsets[expert];
  let beyond = select(params.capacity, next + params.group_rows, params.group_rows > 0u);
  for (var first = 0u; first < params.assignments; first += THREADS) {
    let assignment = first + thread;
    var is_own = 0u;
    if (assignment < params.assignments) { is_own = u32(chosen_experts[assignment] == expert); }
    own[thread] = is_own;
    workgroupBarrier();
    var before = 0u;
    var all = 0u;
    for (var i = 0u; i < THREADS; i++) {
      before += select(0u, own[i], i < thread);
      all += own[i];
    }
    if (is_own == 1u) {
      let row = next + before;
      row_of[assignment] = select(DROPPED, row, row < beyond);
      if (row < beyond) { source_of[row] = assignment + 1u; }
    }
    next += all;
    workgroupBarrier();
  }
  // Padding: up to the next expert, and behind the last one up to the end.
  let end = select(offsets[expert + 1u], params.capacity, expert + 1u == params.experts);
  for (var row = next + thread; row < end; row += THREADS) { source_of[row] = 0u; }
}
