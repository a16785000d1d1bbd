// Scales folded into halves. Needs: operands.wgsl, fold-layout.wgsl, strip.wgsl. Constants: A_LIFT, B_LIFT (exponents).
//
// Halves reach from 2^-24 to 2^15 only. A row's scales are therefore taken relative to a power of two near the row's
// largest (fold-reference.wgsl), with which the sums are multiplied at the end, and values are moved by A_LIFT and
// B_LIFT to where halves serve them best. Power-of-two scales then change no bit, unless one is so far below its row's
// largest that its values become subnormal halves: src/gemm/matrix/error-bound.ts has the bound for that and for other
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

// The exponent that the sums of a row of D are multiplied with for A's reference and for both lifts.
fn sum_exponent(row : u32) -> i32 {
  return exponent_at(A, min(row, params.a.rows - 1u)) - A_LIFT - B_LIFT;
}

// Of row `row` of B, a column of D; the last one's for rows beyond it.
fn column_exponent(row : u32) -> i32 {
  return exponent_at(B, min(row, params.b.rows - 1u));
}

// Of four, from `row` on.
fn column_quad(row : u32) -> vec4<i32> {
  return vec4<i32>(
    column_exponent(row), column_exponent(row + 1u), column_exponent(row + 2u), column_exponent(row + 3u),
  );
}

// Powers of two whose product has an exponent, each about half of it: the power itself may lie beyond f32, and so may a
// sum times either reference.
struct Powers {
  first : vec4<f32>,
  second : vec4<f32>,
}

fn powers_of(exponents : vec4<i32>) -> Powers {
  let first = exponents / vec4<i32>(2);
  return Powers(power(first), power(exponents - first));
}

fn power(exponents : vec4<i32>) -> vec4<f32> {
  return bitcast<vec4<f32>>(vec4<u32>(exponents + vec4<i32>(127)) << vec4<u32>(23u));
}

// What the sums of eight columns are multiplied with.
struct ColumnPowers {
  left : Powers,
  right : Powers,
}

// Of the rows of B from `row` on.
fn column_powers(row : u32) -> ColumnPowers {
  return ColumnPowers(powers_of(column_quad(row)), powers_of(column_quad(row + 4u)));
}

// A row's sums of eight columns, multiplied with what their scales were relative to, given the row's exponent.
fn unfolded(exponent : i32, columns : ColumnPowers, sums : Strip) -> Strip {
  let row = powers_of(vec4<i32>(exponent));
  let left = sums.left * (row.first * columns.left.first) * (row.second * columns.left.second);
  let right = sums.right * (row.first * columns.right.first) * (row.second * columns.right.second);
  return Strip(left, right);
}
