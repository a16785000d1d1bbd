// For each row of A and of B the least power of two that its largest scale does not exceed: what matrix-folded.wgsl takes scales
// relative to. Needs: operands.wgsl and what it needs.
//
// A thread looks through the scales of one row, of A first, then of B: they are few beside its codes. 64 threads; no
// workgroup memory, because rows share nothing.
@group(0) @binding(7) var<storage, read_write> references : array<f32>;

const LARGEST : i32 = 100;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let index = (workgroup.x + workgroup.y * workgroups.x) * 64u + thread;
  if (index < params.a.rows) {
    references[index] = reference(A, index);
  } else if (index < params.a.rows + params.b.rows) {
    references[index] = reference(B, index - params.a.rows);
  }
}

fn reference(side : u32, row : u32) -> f32 {
  let operand = operand_of(side);
  var largest = 0u;
  for (var col = 0u; col < operand.scale_cols; col++) {
    // Bits of magnitudes are ordered as they are. NaN and infinity are no measure for the other scales.
    let bits = bitcast<u32>(scale_at(side, row, col << operand.col_shift)) & 0x7fffffffu;
    largest = max(largest, select(bits, 0u, bits >= F32_INFINITY));
  }
  let exponent = i32(largest >> 23u) - 127 + select(0, 1, (largest & 0x7fffffu) != 0u);
  return bitcast<f32>(u32(clamp(exponent, -LARGEST, LARGEST) + 127) << 23u);
}
