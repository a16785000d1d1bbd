/** @file `matrix-half`: products on matrix units, partial sums in f16. */

import { halfSumsErrorBound } from './error-bound.js';
import { promotedKind } from './promoted.js';
import { promotedKernel } from './promoted-kernel.js';

export const matrixHalf = promotedKernel({
  name: 'matrix-half',
  summary: 'matrix units, partial sums in f16, promoted to f32 and scaled every 128 of K',
  sums: 'f16',
  // Both were no faster, up to 4096 rows.
  aFrom: 128,
  addsInHalves: true,
  errorBound: halfSumsErrorBound,
  // First one as large as the folded kernel's: partial sums take half of the registers, and of the way to be promoted.
  tiles: [{ rows: 128, cols: 128, unitRows: 64, unitCols: 64, depth: 32 }, ...promotedKind.tiles],
});
