// Sums of products in the steps of a truncating profile, term by term in integers.
// Needs: step.wgsl, special.wgsl, code-at.wgsl, promote-bits.wgsl and what they need.
// Constants: those of step.wgsl; PRODUCTS of a step; ADDED_CHAINING, whether c is added to a step's result in f32
// instead of being one of its terms.

// c + the products of `count` codes from element k of K on of two rows: f32 bits.
fn sum_products(a_base : u32, b_base : u32, k : u32, count : u32, c : u32) -> u32 {
  var sum = c;
  for (var first = 0u; first < count; first += PRODUCTS) {
    sum = sum_step(a_base, b_base, k + first, min(PRODUCTS, count - first), sum);
  }
  return sum;
}

fn sum_step(a_base : u32, b_base : u32, k : u32, count : u32, c : u32) -> u32 {
  let term = select(c, 0u, ADDED_CHAINING);
  var found = f32_special(c);
  var step = step_start();
  for (var i = 0u; i < count; i++) {
    let a = code_at(A, A_FORMAT, a_base, k + i);
    let b = code_at(B, B_FORMAT, b_base, k + i);
    found |= product_special(a, b);
    step_note(&step, term_of(A_FORMAT, a), term_of(B_FORMAT, b));
  }
  if (found != 0u) { return special_sum(found, 0u); }
  step_note_f32(&step, term);
  for (var i = 0u; i < count; i++) {
    let a = code_at(A, A_FORMAT, a_base, k + i);
    let b = code_at(B, B_FORMAT, b_base, k + i);
    step_add(&step, term_of(A_FORMAT, a), term_of(B_FORMAT, b));
  }
  step_add_f32(&step, term);
  let result = step_result(&step);
  if (ADDED_CHAINING) { return add_bits(c, result); }
  return result;
}
