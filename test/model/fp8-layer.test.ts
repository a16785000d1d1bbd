import { expect, test } from 'vitest';
import { multiplyInF64 } from '../../src/arithmetic/f64-product.js';
import { Context } from '../../src/context.js';
import { applyInF64 } from '../../src/model/f64-layer.js';
import { withFp8Layers } from '../../src/model/fp8-layer.js';
import { schemes } from '../../src/report/layers.js';
import { openTestGpu } from '../adapter.js';
import { codesInF64, linear, values } from './small.js';

const context = new Context(await openTestGpu());

for (const scheme of schemes)
  test(`an FP8 layer with scales ${scheme.name} is the oracle's codes multiplied, bias and activation applied`, () =>
    withFp8Layers(context, scheme, 'e4m3', async (fp8) => {
      const layer = linear('ragged', 70, 200, 'relu');
      const input = { rows: 5, cols: 200, data: Float64Array.from(values(5, 200, 1)) };
      const { a, b, x, w, outputs: expected } = codesInF64(layer, input, scheme);
      const actual = await fp8.apply(layer, input);
      // f32 sums of K products: each of at most 2 K roundings (scales, products, sums) is off by 2^-23 (WGSL may
      // give either neighbour) of at most the sum of the magnitudes.
      const sizes = multiplyInF64(x.map(Math.abs), w.map(Math.abs), 5, 70, 200);
      const outside = [...actual].filter(
        (v, i) => !(Math.abs(v - (expected[i] as number)) <= 2 * 200 * 2 ** -23 * (sizes[i] as number)),
      );
      expect(outside).toEqual([]);

      const product = await fp8.product(layer, input);
      expect(product.input.codes).toEqual(a.codes);
      expect(product.weight.codes).toEqual(b.codes);
      expect(product.weight.scales).toEqual(b.scales);
    }));

test('an FP8 layer is within the quantisation error of the f64 layer', () =>
  withFp8Layers(context, schemes[0] as (typeof schemes)[number], 'e4m3', async (fp8) => {
    const [m, n, k] = [4, 64, 256];
    const layer = linear('plain', n, k);
    const input = { rows: m, cols: k, data: Float64Array.from(values(m, k, 2)) };
    const reference = await applyInF64(layer, input);
    const actual = await fp8.apply(layer, input);

    // Rounding to e4m3 is off by at most 2^-4 of a normal value (3 mantissa bits), or by half the smallest
    // subnormal, 2^-10, times the scale, which is at most the matrix's amax / 448. So |x̂ŵ - xw| is at most
    // |x| dw + |w| dx + dx dw; 1 % more covers the f32 arithmetic.
    const error = (data: ArrayLike<number>) => {
      const sizes = Float64Array.from(data, Math.abs);
      const least = (2 ** -10 * sizes.reduce((most, v) => Math.max(most, v), 0)) / 448;
      return { sizes, errors: sizes.map((v) => Math.max(v / 16, least)) };
    };
    const x = error(input.data);
    const w = error(layer.weight.data);
    const parts = [
      multiplyInF64(x.sizes, w.errors, m, n, k),
      multiplyInF64(x.errors, w.sizes, m, n, k),
      multiplyInF64(x.errors, w.errors, m, n, k),
    ];
    const bound = (i: number) => 1.01 * parts.reduce((sum, part) => sum + (part[i] as number), 0);
    const outside = [...actual].filter((v, i) => !(Math.abs(v - (reference[i] as number)) <= bound(i)));
    expect(outside).toEqual([]);
    // And it is FP8: the errors are there.
    expect(actual.some((v, i) => Math.abs(v - (reference[i] as number)) > bound(i) / 1000)).toBe(true);
  }));
