/** @file Rounding to odd: the way to round twice and be right. */

const double = new Float64Array(1);
/** The low and the high half of `double`; WebGPU runs on little-endian machines alone. */
const halves = new Uint32Array(double.buffer);

/**
 * `nearest + rest` rounded to odd: itself where it is a double, otherwise the one of the two doubles around it
 * whose last bit is 1.
 *
 * An odd last bit says "not exact, and not a midpoint": rounding such a double to nearest in a format with at
 * least two bits less gives what rounding the exact value would (Boldo and Melquiond, "Emulation of FMA and
 * correctly rounded sums: proved algorithms using rounding to odd", 2008). Subnormal results have fewer bits
 * still.
 * @param nearest one of the two doubles around the exact value
 * @param rest what `nearest` lacks of it
 */
export function roundToOdd(nearest: number, rest: number): number {
  if (rest === 0 || !Number.isFinite(nearest)) return nearest;
  double[0] = nearest;
  const low = halves[0] as number;
  if (low % 2 === 1) return nearest;
  if (rest > 0 === nearest > 0) {
    halves[0] = low + 1;
  } else {
    if (low === 0) halves[1] = (halves[1] as number) - 1;
    halves[0] = low - 1;
  }
  return double[0] as number;
}
