// Something of a thread's 4 x 8 outputs, and what emulated.wgsl does to all of them. Needs: aligned.wgsl, promote.wgsl.
//
// Rows from 0, columns 0 to 3 and 4 to 7. A structure and not an array, so that
// nothing can be indexed by a variable and everything stays in registers.
struct Outputs {
  left0 : vec4<f32>,
  right0 : vec4<f32>,
  left1 : vec4<f32>,
  right1 : vec4<f32>,
  left2 : vec4<f32>,
  right2 : vec4<f32>,
  left3 : vec4<f32>,
  right3 : vec4<f32>,
}

struct Units {
  left0 : vec4<u32>,
  right0 : vec4<u32>,
  left1 : vec4<u32>,
  right1 : vec4<u32>,
  left2 : vec4<u32>,
  right2 : vec4<u32>,
  left3 : vec4<u32>,
  right3 : vec4<u32>,
}

// Sums of products of powers: see aligned.wgsl.
fn add_powers(s : Outputs, a : vec4<f32>, left : vec4<f32>, right : vec4<f32>) -> Outputs {
  return Outputs(
    fma(a.xxxx, left, s.left0), fma(a.xxxx, right, s.right0),
    fma(a.yyyy, left, s.left1), fma(a.yyyy, right, s.right1),
    fma(a.zzzz, left, s.left2), fma(a.zzzz, right, s.right2),
    fma(a.wwww, left, s.left3), fma(a.wwww, right, s.right3),
  );
}

fn larger(s : Outputs, t : Outputs) -> Outputs {
  return Outputs(
    max(s.left0, t.left0), max(s.right0, t.right0), max(s.left1, t.left1), max(s.right1, t.right1),
    max(s.left2, t.left2), max(s.right2, t.right2), max(s.left3, t.left3), max(s.right3, t.right3),
  );
}

fn units_of(powers : Outputs, c : Outputs) -> Units {
  return Units(
    unit_bits(powers.left0, c.left0), unit_bits(powers.right0, c.right0),
    unit_bits(powers.left1, c.left1), unit_bits(powers.right1, c.right1),
    unit_bits(powers.left2, c.left2), unit_bits(powers.right2, c.right2),
    unit_bits(powers.left3, c.left3), unit_bits(powers.right3, c.right3),
  );
}

fn starts_of(u : Units, c : Outputs) -> Outputs {
  return Outputs(
    aligned_start(u.left0, c.left0), aligned_start(u.right0, c.right0),
    aligned_start(u.left1, c.left1), aligned_start(u.right1, c.right1),
    aligned_start(u.left2, c.left2), aligned_start(u.right2, c.right2),
    aligned_start(u.left3, c.left3), aligned_start(u.right3, c.right3),
  );
}

fn offsets_of(u : Units) -> Outputs {
  return Outputs(
    truncation_offset(u.left0), truncation_offset(u.right0), truncation_offset(u.left1), truncation_offset(u.right1),
    truncation_offset(u.left2), truncation_offset(u.right2), truncation_offset(u.left3), truncation_offset(u.right3),
  );
}

fn results_of(sums : Outputs, offsets : Outputs) -> Outputs {
  return Outputs(
    aligned_result(sums.left0, offsets.left0), aligned_result(sums.right0, offsets.right0),
    aligned_result(sums.left1, offsets.left1), aligned_result(sums.right1, offsets.right1),
    aligned_result(sums.left2, offsets.left2), aligned_result(sums.right2, offsets.right2),
    aligned_result(sums.left3, offsets.left3), aligned_result(sums.right3, offsets.right3),
  );
}

// Truncated products into the sums: see aligned.wgsl.
fn add_products(s : Outputs, a : vec4<f32>, left : vec4<f32>, right : vec4<f32>, offsets : Outputs) -> Outputs {
  return Outputs(
    add_product(s.left0, a.xxxx, left, offsets.left0), add_product(s.right0, a.xxxx, right, offsets.right0),
    add_product(s.left1, a.yyyy, left, offsets.left1), add_product(s.right1, a.yyyy, right, offsets.right1),
    add_product(s.left2, a.zzzz, left, offsets.left2), add_product(s.right2, a.zzzz, right, offsets.right2),
    add_product(s.left3, a.wwww, left, offsets.left3), add_product(s.right3, a.wwww, right, offsets.right3),
  );
}

fn promote_outputs(acc : Outputs, partial : Outputs, a : vec4<f32>, left : vec4<f32>, right : vec4<f32>) -> Outputs {
  return Outputs(
    promote(acc.left0, partial.left0, a.x, left), promote(acc.right0, partial.right0, a.x, right),
    promote(acc.left1, partial.left1, a.y, left), promote(acc.right1, partial.right1, a.y, right),
    promote(acc.left2, partial.left2, a.z, left), promote(acc.right2, partial.right2, a.z, right),
    promote(acc.left3, partial.left3, a.w, left), promote(acc.right3, partial.right3, a.w, right),
  );
}

// Whether all of them are right in every bit.
fn promotes_outputs(
  acc : Outputs, partial : Outputs, a : vec4<f32>, left : vec4<f32>, right : vec4<f32>, results : Outputs,
) -> bool {
  return promotes(acc.left0, partial.left0, a.x, left, results.left0)
    && promotes(acc.right0, partial.right0, a.x, right, results.right0)
    && promotes(acc.left1, partial.left1, a.y, left, results.left1)
    && promotes(acc.right1, partial.right1, a.y, right, results.right1)
    && promotes(acc.left2, partial.left2, a.z, left, results.left2)
    && promotes(acc.right2, partial.right2, a.z, right, results.right2)
    && promotes(acc.left3, partial.left3, a.w, left, results.left3)
    && promotes(acc.right3, partial.right3, a.w, right, results.right3);
}

fn sum_outputs(s : Outputs, t : Outputs) -> Outputs {
  return Outputs(
    s.left0 + t.left0, s.right0 + t.right0, s.left1 + t.left1, s.right1 + t.right1,
    s.left2 + t.left2, s.right2 + t.right2, s.left3 + t.left3, s.right3 + t.right3,
  );
}

fn within_outputs(s : Outputs) -> bool {
  return all(within(s.left0) & within(s.right0) & within(s.left1) & within(s.right1)
    & within(s.left2) & within(s.right2) & within(s.left3) & within(s.right3));
}
