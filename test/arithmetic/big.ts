/** @file Exact arithmetic in integers of any length: what sums and products are checked against. */

/** Numbers are multiples of 2^-unit here, below the product of two f32s and two bf16s. */
export const unit = 600;

/** A double · 2^unit. Throws a RangeError if that is not an integer. */
export function big(value: number): bigint {
  const bits = new BigUint64Array(Float64Array.of(value).buffer)[0] as bigint;
  const field = Number((bits >> 52n) & 0x7ffn);
  const significand = (bits & ((1n << 52n) - 1n)) | (field > 0 ? 1n << 52n : 0n);
  const shift = BigInt(Math.max(field, 1) - 1075 + unit);
  const magnitude = shift >= 0n ? significand << shift : significand >> -shift;
  if (shift < 0n && magnitude << -shift !== significand)
    throw new RangeError(`${value} has bits below 2^-${unit}`);
  return bits >> 63n === 1n ? -magnitude : magnitude;
}

/** The product of numbers, each times 2^unit, times 2^unit. */
export function bigProduct(...factors: number[]): bigint {
  return factors.map(big).reduce((product, factor) => (product * factor) >> BigInt(unit));
}

/** total · 2^-unit as a double, rounded to odd. */
export function oddDouble(total: bigint): number {
  const magnitude = total < 0n ? -total : total;
  const dropped = BigInt(Math.max(0, magnitude.toString(2).length - 53));
  let kept = magnitude >> dropped;
  if (kept << dropped !== magnitude) kept |= 1n;
  return signed(total, kept, dropped);
}

/** total · 2^-unit as an f32, rounded to nearest even. */
export function nearestF32(total: bigint): number {
  const magnitude = total < 0n ? -total : total;
  // 24 bits are kept, or all down to the last of a subnormal.
  const dropped = BigInt(Math.max(magnitude.toString(2).length - 24, unit - 149));
  const half = 1n << (dropped - 1n);
  const rest = magnitude & ((1n << dropped) - 1n);
  let kept = magnitude >> dropped;
  if (rest > half || (rest === half && (kept & 1n) === 1n)) kept += 1n;
  const result = signed(total, kept, dropped);
  return Math.abs(result) < 2 ** 128 ? result : result * Infinity;
}

/** ±kept · 2^(dropped - unit), in steps that stay inside a double's range. */
function signed(total: bigint, kept: bigint, dropped: bigint): number {
  const result = Number(kept) * 2 ** (Number(dropped) - unit / 2) * 2 ** (-unit / 2);
  return total < 0n ? -result : result;
}
