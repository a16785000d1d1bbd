// Scales folded into halves. Needs: operands.wgsl, strip.wgsl. Constants: A_LIFT, B_LIFT (exponents).
//
// Halves reach from 2^-24 to 2^15 only. A row's scales are therefore taken relative to a power of two near the row's
// largest (scale-reference.wgsl), with which the sums are multiplied at the end, and values are moved by A_LIFT and
// B_LIFT to where halves serve them best. Power-of-two scales then change no bit, unless one is so far below its row's
// largest that its values become subnormal halves: src/gemm/matrix-error-bound.ts has the bound for that and for other
// scales.
@group(0) @binding(7) var<storage, read> references : array<f32>;

// The power of two that scales of a row are relative to: of A's rows first, then of B's.
fn reference_at(side : u32, row : u32) -> f32 {
  if (side == A) { return references[row]; }
  return references[params.a.rows + row];
}

fn lift_of(side : u32) -> i32 {
  if (side == A) { return A_LIFT; }
  return B_LIFT;
}

// 2^exponent of a normal f32.
fn power_of_two(exponent : i32) -> f32 {
  return bitcast<f32>(u32(exponent + 127) << 23u);
}

fn factor_at(side : u32, row : u32, k : u32) -> f32 {
  // The reference is a power of two from 2^-100 to 2^100, whose inverse is exact.
  let reference = i32(bitcast<u32>(reference_at(side, row)) >> 23u) - 127;
  return scale_at(side, row, k) * power_of_two(lift_of(side) - reference);
}

// The sums of eight columns of a row, multiplied by what their scales were relative to; the first column belongs to row
// `b` of B.
fn unfolded(row : u32, b : u32, sums : Strip) -> Strip {
  let factor = reference_at(A, row);
  let left = vec4<f32>(end_factor(b), end_factor(b + 1u), end_factor(b + 2u), end_factor(b + 3u));
  let right = vec4<f32>(end_factor(b + 4u), end_factor(b + 5u), end_factor(b + 6u), end_factor(b + 7u));
  return Strip(sums.left * left * factor, sums.right * right * factor);
}

// Of a row of B; the last one's for rows beyond it.
fn end_factor(row : u32) -> f32 {
  return reference_at(B, min(row, params.b.rows - 1u)) * power_of_two(-(A_LIFT + B_LIFT));
}
