// The rows of the experts' tokens, codes and scales, a workgroup to a row. Needs: nothing.
//
// Threads: 64, each moving 16 bytes of codes at a time. No workgroup memory: nothing is shared.
struct Params {
  // The dispatch's rows: first_row to end_row - 1.
  first_row : u32,
  end_row : u32,
  top_k : u32,
  // Of 16 bytes, from one row of codes to the next.
  quads : u32,
  scale_cols : u32,
}

const THREADS : u32 = 64u;
const ONE : u32 = 0x3f800000u;

@group(0) @binding(0) var<uniform> params : Params;
@group(0) @binding(1) var<storage, read> source_codes : array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> source_scales : array<u32>;
@group(0) @binding(3) var<storage, read> source_of : array<u32>;
@group(0) @binding(4) var<storage, read_write> codes : array<vec4<u32>>;
@group(0) @binding(5) var<storage, read_write> scales : array<u32>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let row = params.first_row + workgroup.y * workgroups.x + workgroup.x;
  if (row >= params.end_row) { return; }
  let padding = source_of[row] == 0u;
  let token = (max(source_of[row], 1u) - 1u) / params.top_k;
  for (var i = thread; i < params.quads; i += THREADS) {
    codes[row * params.quads + i] = select(source_codes[token * params.quads + i], vec4<u32>(), padding);
  }
  for (var i = thread; i < params.scale_cols; i += THREADS) {
    scales[row * params.scale_cols + i] = select(source_scales[token * params.scale_cols + i], ONE, padding);
  }
}
