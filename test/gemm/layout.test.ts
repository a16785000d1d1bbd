/** @file Layouts: NT, NN, TN and TT compute the same product of operands that lie otherwise. */

import { describe, expect, test } from 'vitest';
import { Context } from '../../src/context.js';
import { ArgumentError } from '../../src/errors.js';
import { type Layout, layoutProblem, layouts } from '../../src/gemm/layout.js';
import { referenceGemm } from '../../src/gemm/reference.js';
import { matrix, toFloat32Bits } from '../../src/matrix.js';
import { dequantize } from '../../src/quantize/dequantize.js';
import { quantize } from '../../src/quantize/quantize.js';
import { transpose } from '../../src/quantize/transpose.js';
import { openTestGpu } from '../adapter.js';
import { randomMatrix, randomOperand } from './operands.js';

const context = new Context(await openTestGpu());
const [m, n, k] = [33, 130, 200];

/** Operands as BLAS's letters say. */
function operands(layout: Layout) {
  const a = layout[0] === 'N' ? randomOperand(m, k) : randomOperand(k, m, { granularity: '128x1' });
  const [rows, cols] = layout[1] === 'N' ? [k, n] : [n, k];
  return { a, b: randomOperand(rows, cols, { granularity: '128x128', seed: 2 }) };
}

describe.each(layouts)('%s', (layout) => {
  const { a, b } = operands(layout);

  test('the oracle multiplies the operands that the letters mean', () => {
    const d = referenceGemm(a, b, { layout });
    expect([d.rows, d.cols]).toEqual([m, n]);
    const [x, y] = [dequantize(a).data, dequantize(b).data];
    // op(A)(i, p) · op(B)(p, j), straight from the definition; products of two f32s sum in f64.
    for (let i = 0; i < m; i += 7)
      for (let j = 0; j < n; j += 11) {
        let sum = 0;
        let magnitude = 0;
        for (let p = 0; p < k; p++) {
          const left = x[layout[0] === 'N' ? i * k + p : p * m + i] as number;
          const right = y[layout[1] === 'N' ? p * n + j : j * k + p] as number;
          sum += left * right;
          magnitude += Math.abs(left * right);
        }
        // Two values rounded to f32, the result once: three halves of 2^-23, and one for what f64 adds.
        expect(Math.abs((d.data[i * n + j] as number) - sum)).toBeLessThanOrEqual(2 * 2 ** -23 * magnitude);
      }
  });

  test('the GPU gives the bits of the product without a layout', async () => {
    const c = randomMatrix(m, n, 'f32');
    const [left, right] = [layout[0] === 'N' ? a : transpose(a), layout[1] === 'T' ? b : transpose(b)];
    using expected = await context.gemm(left, right, { c });
    using actual = await context.gemm(a, b, { c, layout });
    expect(toFloat32Bits(await actual.read())).toEqual(toFloat32Bits(await expected.read()));
  });
});

test('a matrix times itself, both ways round', async () => {
  const square = randomOperand(40, 40, { granularity: 'tensor' });
  for (const layout of layouts) {
    using d = await context.gemm(square, square, { layout, accumulator: 'f32' });
    const [left, right] = [
      layout[0] === 'T' ? transpose(square) : square,
      layout[1] === 'N' ? transpose(square) : square,
    ];
    expect(await d.read(), layout).toEqual(referenceGemm(left, right, { arithmetic: 'f32' }));
  }
});

test.each<[string, () => unknown, string]>([
  ['a layout that does not exist', () => layoutOf('N' as Layout), 'layout is "N"; allowed: NT, NN, TN, TT'],
  [
    'a K that differs',
    () => layoutOf('NN', { b: [k + 1, n] }),
    `b.rows is ${k + 1}; allowed: a.cols, ${k}: with layout NN`,
  ],
  [
    'a K that differs, of TT',
    () => layoutOf('TT', { a: [k, m], b: [n, 9] }),
    `b.cols is 9; allowed: a.rows, ${k}`,
  ],
  [
    'a C of another shape',
    () => layoutOf('NN', { c: [n, m] }),
    `c is "${n}x${m}"; allowed: a matrix of ${m}x${n}`,
  ],
  [
    'tiles across the sum',
    () => layoutOf('NN', { tiles: '1x128' }),
    'b.granularity is "1x128"; allowed: with layout NN tiles that go down the columns of B, as its sum does: tensor, column, 128x1,',
  ],
])('refuses %s', (_, work, message) => {
  expect(work).toThrow(ArgumentError);
  expect(work).toThrow(message);
});

type Shape = readonly [rows: number, cols: number];

function layoutOf(
  layout: Layout,
  {
    a = [m, k],
    b = [k, n],
    c = [m, n],
    tiles = '128x128',
  }: { a?: Shape; b?: Shape; c?: Shape; tiles?: '128x128' | '1x128' } = {},
): unknown {
  const zeros = ([rows, cols]: Shape) => matrix(rows, cols, new Float32Array(rows * cols));
  const operand = (shape: Shape) =>
    quantize(zeros(shape), { granularity: tiles === '1x128' && shape === b ? tiles : '128x128' });
  return layoutProblem(operand(a), operand(b), zeros(c), 'f32', layout);
}
