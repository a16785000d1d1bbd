// The values of one operand as halves, scales folded in, written to storage once: for matrix-folded.wgsl, which then
// reads halves where it would otherwise decode the same codes in every workgroup that needs them.
// Needs: operands.wgsl and what it needs, halves.wgsl, halves-unit.wgsl, fold.wgsl, strip.wgsl. Constants: SIDE (A or B),
// FORMAT (that operand's).
//
// A thread decodes one segment of 16 codes and writes its 32 bytes; neighbouring threads take neighbouring segments, so
// that loads and stores are adjacent. 64 threads; no workgroup memory, because segments share nothing.
@group(0) @binding(9) var<storage, read_write> decoded : array<vec4<u32>>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let index = (workgroup.x + workgroup.y * workgroups.x) * 64u + thread;
  let row = index / params.steps;
  if (row >= operand_of(SIDE).rows) { return; }
  let unit = fetch_row(SIDE, FORMAT, row, index % params.steps, params.steps);
  decoded[2u * index] = vec4<u32>(quad_halves(FORMAT, unit, 0u), quad_halves(FORMAT, unit, 1u));
  decoded[2u * index + 1u] = vec4<u32>(quad_halves(FORMAT, unit, 2u), quad_halves(FORMAT, unit, 3u));
}
