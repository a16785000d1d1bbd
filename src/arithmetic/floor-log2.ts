/** @file The exponent of a number. */

const view = new DataView(new ArrayBuffer(8));

/**
 * floor(log2(value)) of a positive double that is not subnormal, as every positive f32 is; -1023 for 0 and for
 * subnormal doubles, 1024 for infinity. Read off the bits: Math.log2 may land on the wrong side of a power of two.
 */
export function floorLog2(value: number): number {
  view.setFloat64(0, value);
  return (view.getUint16(0) >>> 4) - 1023;
}
