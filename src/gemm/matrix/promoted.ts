/** @file `matrix-promoted`: products on matrix units, partial sums in f32. */

import { promotedErrorBound } from './error-bound.js';
import { type PromotedKind, promotedKernel } from './promoted-kernel.js';

/** With half of the folded kernel's outputs for a subgroup, which keeps promoted sums beside the units'. */
export const promotedKind: PromotedKind = {
  name: 'matrix-promoted',
  summary: 'matrix units, partial sums promoted to f32 and scaled every 128 of K',
  sums: 'f32',
  bothFrom: 512,
  keeper: 'matrix-promoted',
  errorBound: promotedErrorBound,
  tiles: [
    { rows: 64, cols: 128, unitRows: 32, unitCols: 64, depth: 32 },
    { rows: 128, cols: 64, unitRows: 32, unitCols: 64, depth: 32 },
    { rows: 128, cols: 128, unitRows: 64, unitCols: 32, depth: 32 },
    { rows: 128, cols: 128, unitRows: 32, unitCols: 64, depth: 32 },
    { rows: 64, cols: 64, unitRows: 32, unitCols: 32, depth: 32 },
    { rows: 32, cols: 32, unitRows: 16, unitCols: 32, depth: 32 },
    { rows: 16, cols: 64, unitRows: 16, unitCols: 32, depth: 64 },
    { rows: 16, cols: 32, unitRows: 16, unitCols: 16, depth: 64 },
    { rows: 16, cols: 128, unitRows: 16, unitCols: 32, depth: 64 },
  ],
};

export const matrixPromoted = promotedKernel(promotedKind);
