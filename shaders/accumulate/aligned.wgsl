// Fused dot products of a matrix instruction in f32 arithmetic that loses nothing: the fast version, for truncating
// profiles whose sums fit 22 bits. Needs: format.wgsl.
// Constants: FRACTION_BITS, OUTPUT_BITS; PRODUCT_BITS, the significant bits of a product of two operands.
// FRACTION_BITS + PRODUCT_BITS + 3 <= 24, and at most 32 products a step.
//
// The largest exponent. Every operand has a power, 16^exponent (0 for zero), beside its value. A product of powers
// is 16^(sum of exponents), and a sum of eight of them lies from 16^M to 8 * 16^M for the largest M among them: its
// own exponent, divided by four and rounded down, is M. One multiply-add a product.
//
// Truncation. In units of 2^(M - FRACTION_BITS) a product's magnitude x is a whole number, or has at most
// PRODUCT_BITS fraction bits, or is below 0.45. Less 1/2 - 2^-(PRODUCT_BITS + 1) it lies within 1/2 of the whole
// number that truncation leaves, and is no tie. Added, with its sign, to a sum that is held at 1.5 * 2^23 units,
// where neighbouring f32s are one unit apart, the addition's own rounding does the truncation. Everything before
// that addition is exact. A multiplication, one logical operation and two additions a product.

// The bits of 2^(M - FRACTION_BITS), out of sums of powers and c. In f32's exponent fields a sum of powers of field p
// means M = ((p + 1) >> 2) - 32, and c's own field is M + 127. Without a nonzero product M is -32, less than that of
// any product: c, a sum of products, is a multiple of a larger unit and loses nothing.
fn unit_bits(power_sums : vec4<f32>, c : vec4<f32>) -> vec4<u32> {
  let of_products = (((bitcast<vec4<u32>>(power_sums) >> vec4<u32>(23u)) + 1u) >> vec4<u32>(2u)) + 95u;
  let of_c = (bitcast<vec4<u32>>(c) << vec4<u32>(1u)) >> vec4<u32>(24u);
  return (max(of_products, of_c) - FRACTION_BITS) << vec4<u32>(23u);
}

// The sum's start: c, cut off toward zero, at 1.5 * 2^23 units.
fn aligned_start(unit : vec4<u32>, c : vec4<f32>) -> vec4<f32> {
  let inverse = bitcast<vec4<f32>>(vec4<u32>(254u << 23u) - unit);
  return (trunc(c * inverse) + 12582912.0) * bitcast<vec4<f32>>(unit);
}

// What is taken off a product's magnitude, so that rounding truncates.
fn truncation_offset(unit : vec4<u32>) -> vec4<f32> {
  return bitcast<vec4<f32>>(unit) * (0.5 - 1.0 / f32(2u << PRODUCT_BITS));
}

// The sum without its start, normalised and cut off toward zero to the profile's output bits.
fn aligned_result(sum : vec4<f32>, offset : vec4<f32>) -> vec4<f32> {
  // The offset's exponent is two below the unit's.
  let unit = bitcast<vec4<f32>>((bitcast<vec4<u32>>(offset) & vec4<u32>(F32_INFINITY)) + (2u << 23u));
  let units = vec4<i32>(bitcast<vec4<u32>>(sum) & vec4<u32>(0x7fffffu)) - 0x400000;
  let kept = ~((1u << (23u - OUTPUT_BITS)) - 1u);
  return bitcast<vec4<f32>>(bitcast<vec4<u32>>(vec4<f32>(units) * unit) & vec4<u32>(kept));
}

// One product into each of four sums.
fn add_product(sum : vec4<f32>, a : vec4<f32>, b : vec4<f32>, offset : vec4<f32>) -> vec4<f32> {
  let product = a * b;
  let signed_offset = (bitcast<vec4<u32>>(product) & vec4<u32>(F32_SIGN)) | bitcast<vec4<u32>>(offset);
  return sum + (product - bitcast<vec4<f32>>(signed_offset));
}
