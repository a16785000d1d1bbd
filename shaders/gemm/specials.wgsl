// Specials among the operands of a thread's 4 x 8 outputs, for kernels that look for them only when there are any.
// Needs: special.wgsl, code-at.wgsl.

// What has entered the outputs' sums: a bit an output, number 8 * row + column.
struct Specials {
  plus : u32,
  minus : u32,
  nan : u32,
}

// The specials of 32 products from element k of K on, for the outputs from (row, col) on. Slow, and rarely needed.
fn find_specials(before : Specials, row : u32, col : u32, k : u32) -> Specials {
  var found = before;
  for (var i = 0u; i < 32u; i++) {
    let a_base = row_base(A, row + i / 8u);
    let b_base = row_base(B, col + i % 8u);
    for (var n = 0u; n < 32u; n++) {
      let special = product_special(code_at(A, A_FORMAT, a_base, k + n), code_at(B, B_FORMAT, b_base, k + n));
      if ((special & PLUS_INFINITY) != 0u) { found.plus |= 1u << i; }
      if ((special & MINUS_INFINITY) != 0u) { found.minus |= 1u << i; }
      if ((special & INVALID) != 0u) { found.nan |= 1u << i; }
    }
  }
  return found;
}

// What has entered the sum of output number `bit`, as special.wgsl's constants.
fn specials_of(specials : Specials, bit : u32) -> u32 {
  return select(0u, PLUS_INFINITY, ((specials.plus >> bit) & 1u) == 1u)
    | select(0u, MINUS_INFINITY, ((specials.minus >> bit) & 1u) == 1u)
    | select(0u, INVALID, ((specials.nan >> bit) & 1u) == 1u);
}
