// The first row of each expert, padded counts added up. Needs: rows-params.wgsl.
//
// One of 64 threads adds: there are few experts. No workgroup memory.
@group(0) @binding(1) var<storage, read> counts : array<u32>;
@group(0) @binding(2) var<storage, read_write> offsets : array<u32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  if (thread != 0u || workgroup.x != 0u) { return; }
  var row = 0u;
  for (var expert = 0u; expert < params.experts; expert++) {
    offsets[expert] = row;
    let padded = (counts[expert] + params.alignment - 1u) / params.alignment * params.alignment;
    row += select(padded, params.group_rows, params.group_rows > 0u);
  }
  offsets[params.experts] = row;
}
