/**
 * @file f32 arithmetic in JavaScript, whose numbers are f64.
 *
 * `Math.fround` of one f64 operation on f32 values is that operation rounded once, to nearest even:
 *
 * - A product has at most 48 significant bits and an exponent far inside f64's range, so that the f64 product
 *   is exact and fround is the only rounding, also where the result is a subnormal f32.
 * - A quotient a / b is rounded twice, to 53 bits and then to f32. That differs from one rounding only if the
 *   first lands on the midpoint m of two f32s while a / b is not m. With a = A·2^i, b = B·2^j, m = M·2^k in
 *   integers A, B < 2^24 and M < 2^25 (fewer bits where the f32s are subnormal): a and m·b are then different
 *   multiples of the smaller of 2^i and 2^(j+k), so that they differ by 1/A or 1/(M·B) of themselves at least,
 *   which is more than 2^-49, and rounding to 53 bits moves nothing so far.
 */

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);

/** The bits of every NaN that arithmetic gives; as F32_NAN in the shaders. */
export const nanBits = 0x7fc00000;

/** r(a · b): the product of two f32s, rounded once. */
export function multiply(a: number, b: number): number {
  return Math.fround(a * b);
}

/** r(a / b): the quotient of two f32s, rounded once. */
export function divide(a: number, b: number): number {
  return Math.fround(a / b);
}

/** The bits of a number rounded to f32; a NaN's are `nanBits`, since those of JavaScript's are not defined. */
export function f32Bits(value: number): number {
  if (Number.isNaN(value)) return nanBits;
  float[0] = value;
  return word[0] as number;
}

/** The f32 with these bits. */
export function f32FromBits(bits: number): number {
  word[0] = bits;
  return float[0] as number;
}

/** An array of f32s whose NaNs have the bits `nanBits`, so that arrays can be compared bit by bit. */
export function f32Array(values: ArrayLike<number>): Float32Array {
  return new Float32Array(Uint32Array.from(values, f32Bits).buffer);
}
