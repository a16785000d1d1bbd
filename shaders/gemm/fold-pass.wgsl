// What folding needs of the scales, once for all workgroups that fold: for each row of scales of A and of B a
// reference, the least power of two that the row's largest scale does not exceed, and for each scale the factor that
// values are multiplied by, the scale relative to the reference and lifted (fold.wgsl). Needs: operands.wgsl and what
// it needs, fold-layout.wgsl. Constants: A_LIFT, B_LIFT (exponents).
//
// A workgroup takes one row of scales, a thread every 64th of them: 64 threads, since a row has few scales (56 for K =
// 7168 in 1x128 tiles). Workgroup memory: 4 bytes, the largest scale's bits, because all factors depend on it.
@group(0) @binding(7) var<storage, read_write> folded : array<f32>;

const LARGEST : i32 = 100;
const THREADS : u32 = 64u;
var<workgroup> largest : atomic<u32>;

fn lift_of(side : u32) -> i32 {
  if (side == A) { return A_LIFT; }
  return B_LIFT;
}

// 2^exponent of a normal f32.
fn power_of_two(exponent : i32) -> f32 {
  return bitcast<f32>(u32(exponent + 127) << 23u);
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup : vec3<u32>,
  @builtin(num_workgroups) workgroups : vec3<u32>,
  @builtin(local_invocation_index) thread : u32,
) {
  let number = workgroup.x + workgroup.y * workgroups.x;
  let rows_of_a = scale_rows(A);
  if (number < rows_of_a) {
    fold(A, number, thread);
  } else if (number < rows_of_a + scale_rows(B)) {
    fold(B, number - rows_of_a, thread);
  }
}

fn fold(side : u32, scale_row : u32, thread : u32) {
  let operand = operand_of(side);
  let row = scale_row << operand.row_shift;
  var mine = 0u;
  for (var col = thread; col < operand.scale_cols; col += THREADS) {
    // Bits of magnitudes are ordered as they are. NaN and infinity are no measure for the other scales.
    let bits = bitcast<u32>(scale_at(side, row, col << operand.col_shift)) & 0x7fffffffu;
    mine = max(mine, select(bits, 0u, bits >= F32_INFINITY));
  }
  atomicMax(&largest, mine);
  workgroupBarrier();
  let bits = atomicLoad(&largest);
  let least = i32(bits >> 23u) - 127 + select(0, 1, (bits & 0x7fffffu) != 0u);
  let exponent = clamp(least, -LARGEST, LARGEST);
  if (thread == 0u) { folded[reference_index(side, scale_row)] = power_of_two(exponent); }
  for (var col = thread; col < operand.scale_cols; col += THREADS) {
    let scale = scale_at(side, row, col << operand.col_shift);
    folded[factor_index(side, scale_row * operand.scale_cols + col)] = scale * power_of_two(lift_of(side) - exponent);
  }
}
