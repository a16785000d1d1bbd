// Scales folded into halves. Needs: operands.wgsl, fold-layout.wgsl, strip.wgsl. Constants: A_LIFT, B_LIFT (exponents).
//
// Halves reach from 2^-24 to 2^15 only. A row's scales are therefore taken relative to a power of two near the row's
// largest (fold-reference.wgsl), with which the sums are multiplied at the end, and values are moved by A_LIFT and
// B_LIFT to where halves serve them best. Power-of-two scales then change no bit, unless one is so far below its row's
// largest that its values become subnormal halves: src/gemm/matrix-error-bound.ts has the bound for that and for other
// scales.
@group(0) @binding(7) var<storage, read> folded : array<f32>;

// The exponent of the power of two that a row's scales are relative to, from -100 to 100.
fn exponent_at(side : u32, row : u32) -> i32 {
  let reference = folded[reference_index(side, row >> operand_of(side).row_shift)];
  return i32(bitcast<u32>(reference) >> 23u) - 127;
}

// What the values of a row are multiplied by from element k on.
fn factor_at(side : u32, row : u32, k : u32) -> f32 {
  let operand = operand_of(side);
  return folded[factor_index(side, (row >> operand.row_shift) * operand.scale_cols + (k >> operand.col_shift))];
}

// The sums of eight columns of a row, multiplied by what their scales were relative to; the first column belongs to row
// `b` of B.
fn unfolded(row : u32, b : u32, sums : Strip) -> Strip {
  let exponent = vec4<i32>(exponent_at(A, row) - A_LIFT - B_LIFT);
  let left = vec4<i32>(exponent_of_b(b), exponent_of_b(b + 1u), exponent_of_b(b + 2u), exponent_of_b(b + 3u));
  let right = vec4<i32>(exponent_of_b(b + 4u), exponent_of_b(b + 5u), exponent_of_b(b + 6u), exponent_of_b(b + 7u));
  return Strip(times_powers(sums.left, exponent + left), times_powers(sums.right, exponent + right));
}

// Of a row of B; the last one's for rows beyond it.
fn exponent_of_b(row : u32) -> i32 {
  return exponent_at(B, min(row, params.b.rows - 1u));
}

// In two steps of about half the exponent: the power itself may lie beyond f32, and so may either reference times a
// sum.
fn times_powers(values : vec4<f32>, exponents : vec4<i32>) -> vec4<f32> {
  let first = exponents / vec4<i32>(2);
  return values * powers(first) * powers(exponents - first);
}

fn powers(exponents : vec4<i32>) -> vec4<f32> {
  return bitcast<vec4<f32>>(vec4<u32>(exponents + vec4<i32>(127)) << vec4<u32>(23u));
}
