/** @file `matrix-half`: products on matrix units, partial sums in f16. */

import { halfSumsErrorBound } from './error-bound.js';
import { promotedKernel } from './promoted-kernel.js';

/** As large as the folded kernel's: partial sums take half of the registers, and half of the way to be promoted. */
export const matrixHalf = promotedKernel({
  name: 'matrix-half',
  summary: 'matrix units, partial sums in f16, promoted to f32 and scaled every 128 of K',
  sums: 'f16',
  // Both were no faster, up to 4096 rows.
  aFrom: 128,
  addsInHalves: true,
  errorBound: halfSumsErrorBound,
  tiles: [
    { rows: 128, cols: 128, unitRows: 64, unitCols: 64, depth: 32 },
    { rows: 64, cols: 128, unitRows: 32, unitCols: 64, depth: 32 },
    { rows: 128, cols: 64, unitRows: 32, unitCols: 64, depth: 32 },
    { rows: 128, cols: 128, unitRows: 32, unitCols: 64, depth: 32 },
    { rows: 64, cols: 64, unitRows: 32, unitCols: 32, depth: 32 },
    { rows: 32, cols: 32, unitRows: 16, unitCols: 32, depth: 32 },
    { rows: 16, cols: 64, unitRows: 16, unitCols: 32, depth: 64 },
    { rows: 16, cols: 32, unitRows: 16, unitCols: 16, depth: 64 },
    { rows: 16, cols: 128, unitRows: 16, unitCols: 32, depth: 64 },
  ],
});
