/** @file Products of matrices in f64: what results in fewer bits are compared with. */

/**
 * a · bᵀ with f64 sums. The relative error of a sum is below k · 2^-53 of the sum of its terms' magnitudes, nine
 * digits finer than f32.
 * @param a m × k
 * @param b n × k
 * @returns m × n
 */
export function multiplyInF64(
  a: Float64Array,
  b: Float64Array,
  m: number,
  n: number,
  k: number,
): Float64Array {
  const result = new Float64Array(m * n);
  for (let row = 0; row < m; row++) {
    const x = a.subarray(row * k, (row + 1) * k);
    for (let col = 0; col < n; col++) {
      const y = b.subarray(col * k, (col + 1) * k);
      // Four sums, because one would wait for itself at every step.
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      let i = 0;
      for (; i + 3 < k; i += 4) {
        s0 += (x[i] as number) * (y[i] as number);
        s1 += (x[i + 1] as number) * (y[i + 1] as number);
        s2 += (x[i + 2] as number) * (y[i + 2] as number);
        s3 += (x[i + 3] as number) * (y[i + 3] as number);
      }
      for (; i < k; i++) s0 += (x[i] as number) * (y[i] as number);
      result[row * n + col] = s0 + s1 + (s2 + s3);
    }
  }
  return result;
}
