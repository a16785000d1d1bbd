// One fused dot product of a matrix instruction, in integers only, term by term: the straightforward version, for
// any truncating profile. Needs: format.wgsl, arithmetic. The oracle is src/accumulate/step.ts and says what each
// step means; src/accumulate/profile.ts says what the constants are.
// Constants: A_FORMAT, B_FORMAT, FRACTION_BITS (1 to 25), OUTPUT_BITS (1 to 23).

// A code as the tensor core sees it: value = +-significand * 2^(exponent - mantissa_bits).
struct Term {
  significand : u32,
  exponent : i32,
  negative : bool,
}

fn term_of(f : Format, code : u32) -> Term {
  let magnitude_bits = f.exponent_bits + f.mantissa_bits;
  let magnitude = code & ((1u << magnitude_bits) - 1u);
  let field = i32(magnitude >> f.mantissa_bits);
  let mantissa = magnitude & ((1u << f.mantissa_bits) - 1u);
  let significand = select(mantissa, mantissa | (1u << f.mantissa_bits), field > 0);
  // A subnormal keeps the exponent of the smallest normal.
  return Term(significand, max(field, 1) - f.bias, (code >> magnitude_bits) == 1u);
}

// A running fused sum: first all exponents are noted, then all terms are added.
struct Step {
  largest : i32,
  // The sum in units of 2^(largest - FRACTION_BITS), in two parts that cannot overflow: high * 2^16 + low.
  high : i32,
  low : i32,
}

// Less than the exponent of any term.
const NO_TERM : i32 = -1000;

fn step_start() -> Step {
  return Step(NO_TERM, 0, 0);
}

// Steps 1 and 2 for one product.
fn step_note(step : ptr<function, Step>, a : Term, b : Term) {
  if (a.significand * b.significand != 0u) { (*step).largest = max((*step).largest, a.exponent + b.exponent); }
}

// Steps 1 and 2 for c, given by its f32 bits.
fn step_note_f32(step : ptr<function, Step>, c : u32) {
  let magnitude = c & ~F32_SIGN;
  if (magnitude != 0u) { (*step).largest = max((*step).largest, max(i32(magnitude >> 23u), 1) - 127); }
}

// Steps 3 and 4 for one product: cut off toward zero, then added exactly.
fn step_add(step : ptr<function, Step>, a : Term, b : Term) {
  let mantissa_bits = i32(A_FORMAT.mantissa_bits + B_FORMAT.mantissa_bits);
  let shift = (*step).largest - (a.exponent + b.exponent) + mantissa_bits - i32(FRACTION_BITS);
  step_add_term(step, a.significand * b.significand, shift, a.negative != b.negative);
}

// Steps 3 and 4 for c.
fn step_add_f32(step : ptr<function, Step>, c : u32) {
  let magnitude = c & ~F32_SIGN;
  let field = i32(magnitude >> 23u);
  let significand = select(magnitude & 0x7fffffu, (magnitude & 0x7fffffu) | 0x800000u, field > 0);
  let shift = (*step).largest - (max(field, 1) - 127) + 23 - i32(FRACTION_BITS);
  step_add_term(step, significand, shift, (c & F32_SIGN) != 0u);
}

fn step_add_term(step : ptr<function, Step>, significand : u32, shift : i32, negative : bool) {
  var term = 0u;
  if (significand == 0u || shift > 31) { return; }
  if (shift >= 0) { term = significand >> u32(shift); } else { term = significand << u32(-shift); }
  let sign = select(1, -1, negative);
  (*step).high += sign * i32(term >> 16u);
  (*step).low += sign * i32(term & 0xffffu);
}

// Step 5: the sum's f32 bits, cut off toward zero to OUTPUT_BITS fraction bits. Nothing left gives +0.
fn step_result(step : ptr<function, Step>) -> u32 {
  var high = (*step).high + ((*step).low >> 16u);
  var low = u32((*step).low & 0xffff);
  let sign = select(0u, F32_SIGN, high < 0);
  if (high < 0) {
    // Minus the two-part number.
    high = -high - select(0, 1, low != 0u);
    low = (0x10000u - low) & 0xffffu;
  }
  let unit = (*step).largest - i32(FRACTION_BITS);
  let upper = u32(high);
  if (upper == 0u && low == 0u) { return 0u; }
  // The sum's leading bit, and its upper bits: at most 24, so that nothing is rounded below.
  let top = select(i32(firstLeadingBit(low)), 16 + i32(firstLeadingBit(upper)), upper != 0u);
  let octave = max(top + unit, -126);
  // Bits below 2^quantum fall off.
  let quantum = octave - i32(OUTPUT_BITS);
  let drop = quantum - unit;
  if (drop <= 0) { return sign | f32_bits((upper << 16u) | low, unit); }
  if (drop < 16) { return sign | f32_bits((upper << u32(16 - drop)) | (low >> u32(drop)), quantum); }
  return sign | f32_bits(select(0u, upper >> u32(drop - 16), drop < 48), quantum);
}
