/** @file The FP8 linear layer: its products against the exact oracle, and against the derivatives of a loss. */

import { describe, expect, test, vi } from 'vitest';
import { Context } from '../../src/context.js';
import { ArgumentError, DisposedError } from '../../src/errors.js';
import { minExponent } from '../../src/format/format.js';
import { type FormatName, formats } from '../../src/format/formats.js';
import { checkGemm } from '../../src/gemm/check.js';
import { emulatedOutputs } from '../../src/gemm/emulated/reference.js';
import { GpuMatrix } from '../../src/gpu-matrix.js';
import { swigluAndQuantize } from '../../src/linear/fused.js';
import { linear } from '../../src/linear/linear.js';
import { keeps, type LinearOptions, passes } from '../../src/linear/recipe.js';
import { type LinearInputs, linearOperands, referenceLinear } from '../../src/linear/reference.js';
import { type Matrix, matrix, toFloat32 } from '../../src/matrix.js';
import { quantize } from '../../src/quantize/quantize.js';
import { sqnr } from '../../src/report/metrics.js';
import { randomMatrix } from '../../src/verify/random.js';
import { openTestGpu } from '../adapter.js';

const context = new Context(await openTestGpu());

function inputs(tokens: number, outputs: number, width: number, gradientSize = 1): LinearInputs {
  const dy = randomMatrix(tokens, outputs, 3).data.map((value) => value * gradientSize) as Float32Array;
  return {
    x: randomMatrix(tokens, width, 1),
    w: randomMatrix(outputs, width, 2),
    dy: matrix(tokens, outputs, dy),
  };
}

/** One kernel for all shapes, which compiles few shaders. */
const products = { kernel: 'portable' };

/** One step on the GPU, back in host memory. */
async function step({ x, w, dy }: LinearInputs, options: LinearOptions, added?: Matrix) {
  using pass = await linear(context, { products, ...options }).forward(x, w);
  using dw = added && (await context.upload(added));
  const gradients = await pass.backward(dy, { dw });
  if (dw) expect(gradients.dw).toBe(dw);
  const results = {
    kept: pass.kept,
    y: await pass.y.read(),
    dx: await gradients.dx.read(),
    dw: await gradients.dw.read(),
  };
  for (const one of [pass.y, gradients.dx, gradients.dw]) one.dispose();
  return results;
}

/** Expects every output of the three products within the kernel's bound around the exact oracle. */
function expectExact(
  given: LinearInputs,
  options: LinearOptions,
  results: { readonly y: Matrix; readonly dx: Matrix; readonly dw: Matrix },
  added?: Matrix,
): void {
  const operands = linearOperands(given, options);
  const outputs = { fprop: results.y, dgrad: results.dx, wgrad: results.dw };
  for (const pass of passes) {
    const { a, b } = operands[pass];
    const { checked, wrong } = checkGemm(a, b, outputs[pass], {
      c: pass === 'wgrad' ? added : undefined,
      outputs: 2000,
    });
    expect(wrong.slice(0, 3), pass).toEqual([]);
    expect(checked.filter(({ bound }) => bound === Infinity)).toEqual([]);
  }
}

describe('the three products equal the exact oracle', () => {
  test.each([
    [200, 96, 160],
    [1, 1, 1],
    [3, 130, 65],
    [129, 4, 257],
  ])('%d tokens, %d outputs, %d inputs', async (tokens, outputs, width) => {
    const given = inputs(tokens, outputs, width);
    expectExact(given, {}, await step(given, {}));
  });

  test.each(keeps)('with %s kept', async (keep) => {
    const given = inputs(150, 40, 70);
    const options: LinearOptions = { keep, powerOfTwo: true };
    expectExact(given, options, await step(given, options));
  });

  test('with e5m2 gradients and bf16 outputs', async () => {
    const given = inputs(150, 40, 70);
    const options: LinearOptions = { gradientFormat: 'e5m2', powerOfTwo: true, out: 'bf16' };
    const results = await step(given, options);
    expectExact(given, options, results);
    expect([results.y.dtype, results.dx.dtype, results.dw.dtype]).toEqual(['bf16', 'bf16', 'f32']);
  });

  test('dw is added to what is there, over several batches', async () => {
    const given = inputs(60, 30, 50);
    const added = randomMatrix(30, 50, 9);
    expectExact(given, {}, await step(given, {}, added), added);
  });

  test('dw is added to by passes that run at the same time', async () => {
    // The same batch three times, so that their order changes no bit.
    const given = inputs(20, 30, 50);
    const layer = linear(context, { products });
    const sum = async (together: boolean) => {
      using dw = GpuMatrix.create(context.gpu, 30, 50, 'f32');
      const pass = await layer.forward(given.x, given.w);
      const add = async () => (await pass.backward(given.dy, { dw })).dx.dispose();
      if (together) await Promise.all([add(), add(), add()]);
      else for (const one of [add, add, add]) await one();
      pass.y.dispose();
      pass.dispose();
      return await dw.read();
    };
    expect((await sum(true)).data).toEqual((await sum(false)).data);
  });

  test('of codes that fused casts made, which stay', async () => {
    const given = inputs(60, 30, 50);
    const options: LinearOptions = { powerOfTwo: true };
    const scaling = { powerOfTwo: true };
    const x = await context.quantizeWithTranspose(given.x, scaling);
    const dy = await context.quantizeWithTranspose(given.dy, scaling);
    const pass = await linear(context, { ...options, products }).forward(x, given.w);
    const { dx, dw } = await pass.backward(dy);
    expectExact(given, options, { y: await pass.y.read(), dx: await dx.read(), dw: await dw.read() });
    pass.dispose();
    const codes = [...Object.values(x), ...Object.values(dy)];
    expect(codes.map(({ disposed }) => disposed)).toEqual([false, false, false, false]);
    const swapped = { quantized: x.quantized, transposed: x.quantized };
    await expect(linear(context).forward(swapped, given.w)).rejects.toThrow(
      'x.transposed is "60x50"; allowed: codes of the transpose, 50x60',
    );
    for (const one of [...codes, pass.y, dx, dw]) one.dispose();
  });

  test('with the bits of a matrix instruction', async () => {
    const given = inputs(140, 9, 10);
    const options: LinearOptions = {
      products: {
        kernel: 'stepwise',
        accumulator: 'hopper-wgmma',
        wgrad: { promotion: 'transformer-engine' },
      },
    };
    const results = await step(given, options);
    const operands = linearOperands(given, options);
    for (const [pass, product, promotion] of [
      ['fprop', results.y, 'fused'],
      ['dgrad', results.dx, 'fused'],
      ['wgrad', results.dw, 'transformer-engine'],
    ] as const) {
      const { a, b } = operands[pass];
      const outputs = emulatedOutputs(a, b, { accumulator: 'hopper-wgmma', promotion });
      const expected = Float32Array.from(product.data, (_, i) =>
        outputs.at(Math.floor(i / b.rows), i % b.rows),
      );
      expect(product.data, pass).toEqual(expected);
    }
  });

  test('the oracle is what the products of the dequantised operands are', () => {
    const given = inputs(20, 10, 30);
    const { y, dx, dw } = referenceLinear(given, {}, randomMatrix(10, 30, 5));
    expect([y, dx, dw].map(({ rows, cols }) => [rows, cols])).toEqual([
      [20, 10],
      [20, 30],
      [10, 30],
    ]);
  });
});

/** Half of the distance between a value's codes, at most: relative for normal values, absolute below. */
function quantizationError(format: FormatName, value: number, largest: number): number {
  const { mantissaBits } = formats[format];
  const subnormal = 2 ** (minExponent(formats[format]) - mantissaBits - 1);
  // A tile's scale is at most its largest magnitude over half of the largest code (power-of-two scales); and a few
  // f32 roundings of scale and value come on top.
  const scale = (2 * largest) / (format === 'e4m3' ? 448 : 57344);
  return (Math.abs(value) * 2 ** -(mantissaBits + 1) + scale * subnormal) * (1 + 2 ** -20);
}

test.each<['e4m3' | 'e5m2', boolean]>([
  ['e4m3', false],
  ['e5m2', true],
])('dx and dw are the derivatives of a loss, dy in %s', async (gradientFormat, powerOfTwo) => {
  const [tokens, outputs, width] = [140, 12, 20];
  const given = inputs(tokens, outputs, width, 1e-3);
  const { x, w, dy } = given;
  const results = await step(given, { gradientFormat, powerOfTwo });

  /** Σ dy · (x · wᵀ), whose gradient with respect to y is dy. */
  const loss = (xs: Float64Array, ws: Float64Array): number => {
    let sum = 0;
    for (let t = 0; t < tokens; t++)
      for (let o = 0; o < outputs; o++)
        for (let i = 0; i < width; i++)
          sum +=
            (dy.data[t * outputs + o] as number) *
            (xs[t * width + i] as number) *
            (ws[o * width + i] as number);
    return sum;
  };
  const [xs, ws] = [Float64Array.from(x.data), Float64Array.from(w.data)];
  const derivative = (values: Float64Array, index: number): number => {
    // The loss is linear in each value: only the rounding of f64 is in the difference.
    const [value, h] = [values[index] as number, 1];
    values[index] = value + h;
    const above = loss(xs, ws);
    values[index] = value - h;
    const below = loss(xs, ws);
    values[index] = value;
    return (above - below) / (2 * h);
  };
  const most = (values: ArrayLike<number>) => Math.max(...Array.from(values, Math.abs));
  const [largestX, largestW, largestDy] = [most(x.data), most(w.data), most(dy.data)];
  /** What quantising both factors of a sum of products may change, and 1e-5 of the sum for f32 sums and f64 losses. */
  const bound = (pairs: readonly (readonly [gradient: number, other: number])[], largest: number) =>
    pairs.reduce((sum, [gradient, other]) => {
      const [e, f] = [
        quantizationError(gradientFormat, gradient, largestDy),
        quantizationError('e4m3', other, largest),
      ];
      return sum + (Math.abs(gradient) + e) * (Math.abs(other) + f) * (1 + 1e-5) - Math.abs(gradient * other);
    }, 0);
  const at = (source: Matrix, row: number, col: number) => source.data[row * source.cols + col] as number;

  for (const [t, i] of [
    [0, 0],
    [77, 5],
    [139, 19],
  ] as const) {
    const pairs = Array.from({ length: outputs }, (_, o) => [at(dy, t, o), at(w, o, i)] as const);
    const error = Math.abs(at(results.dx, t, i) - derivative(xs, t * width + i));
    expect(error).toBeLessThanOrEqual(bound(pairs, largestW));
  }
  for (const [o, i] of [
    [0, 0],
    [7, 3],
    [11, 19],
  ] as const) {
    const pairs = Array.from({ length: tokens }, (_, t) => [at(dy, t, o), at(x, t, i)] as const);
    const error = Math.abs(at(results.dw, o, i) - derivative(ws, o * width + i));
    expect(error).toBeLessThanOrEqual(bound(pairs, largestX));
  }
  // The bound is a worst case over all terms; as a whole the gradients are as good as their formats.
  const whole = Float64Array.from({ length: outputs * width }, (_, j) => {
    const [o, i] = [Math.floor(j / width), j % width];
    let sum = 0;
    for (let t = 0; t < tokens; t++) sum += at(dy, t, o) * at(x, t, i);
    return sum;
  });
  expect(sqnr(toFloat32(results.dw), whole)).toBeGreaterThan(gradientFormat === 'e4m3' ? 25 : 20);
});

describe('what is kept', () => {
  test.each([
    // A byte a code, and four for each scale of 128.
    ['transposed', 256 * 256 + (256 * 256) / 32],
    ['tiles', 256 * 256 + (256 * 256) / 32],
    ['e5m6', 1.5 * 256 * 256 + (256 * 256) / 32],
  ] as const)('%s', async (keep, bytes) => {
    using x = GpuMatrix.create(context.gpu, 256, 256, 'f32');
    using w = GpuMatrix.create(context.gpu, 8, 256, 'f32');
    using pass = await linear(context, { keep, products }).forward(x, w);
    expect(pass.kept).toEqual({ bytes, f32: 4 * 256 * 256, bf16: 2 * 256 * 256 });
    pass.y.dispose();
  });

  test('weights quantised before serve many passes, and stay', async () => {
    const given = inputs(9, 130, 40);
    const layer = linear(context, { products });
    using w = await context.quantize(given.w, { granularity: '128x128' });
    const expected = referenceLinear(given);
    for (let batch = 0; batch < 2; batch++) {
      const pass = await layer.forward(given.x, w);
      const { dx, dw } = await pass.backward(given.dy);
      expect(sqnr(toFloat32(await dx.read()), toFloat32(expected.dx))).toBeGreaterThan(100);
      pass.dispose();
      for (const one of [pass.y, dx, dw]) one.dispose();
    }
    expect(w.disposed).toBe(false);
  });

  test('a pass that has been disposed of has no backward', async () => {
    const given = inputs(2, 3, 4);
    const pass = await linear(context, { products }).forward(given.x, given.w);
    pass.dispose();
    await expect(pass.backward(given.dy)).rejects.toThrow(DisposedError);
    await expect(pass.backward(given.dy)).rejects.toThrow(/^pass has been disposed of/);
    pass.y.dispose();
  });

  test('nothing but y, dx and dw is left', async () => {
    const live = new Set<GPUBuffer>();
    const { device } = context.gpu;
    const create = device.createBuffer.bind(device);
    const spy = vi.spyOn(device, 'createBuffer').mockImplementation((descriptor) => {
      const buffer = create(descriptor);
      const destroy = buffer.destroy.bind(buffer);
      buffer.destroy = () => {
        live.delete(buffer);
        return destroy();
      };
      live.add(buffer);
      return buffer;
    });
    const given = inputs(5, 6, 7);
    for (const keep of keeps) {
      const pass = await linear(context, { keep, products }).forward(given.x, given.w);
      const { dx, dw } = await pass.backward(given.dy);
      pass.dispose();
      expect(live).toEqual(new Set([pass.y.buffer, dx.buffer, dw.buffer]));
      for (const one of [pass.y, dx, dw]) one.dispose();
    }
    spy.mockRestore();
  });
});

describe('what is refused, before anything is allocated', () => {
  const { x, w, dy } = inputs(4, 3, 2);
  const layer = linear(context, { products });
  const refusals: [string, () => Promise<unknown>, string][] = [
    ['x and w of different widths', () => layer.forward(dy, w), 'x.cols is 3; allowed: w.cols, 2'],
    ['no x', () => layer.forward(undefined as never, w), 'x is undefined; allowed: a matrix'],
    [
      'weights in rows',
      () => layer.forward(x, quantize(w)),
      'w.granularity is "1x128"; allowed: 128x128 or tensor',
    ],
    ['no context', async () => linear(null as never), 'context is null; allowed: a context'],
    [
      'no context for the gradients either',
      async () => swigluAndQuantize(null as never, x as never, x as never),
      'context is null; allowed: a context',
    ],
    [
      'scales that are neither',
      async () => linear(context, { powerOfTwo: 'yes' as never }),
      'powerOfTwo is "yes"; allowed: true or false',
    ],
    ['a format that is none', async () => linear(context, { format: 'e9' as 'e4m3' }), 'format is "e9"'],
    [
      'six bits',
      async () => linear(context, { gradientFormat: 'e3m2' }),
      'gradientFormat is "e3m2 of 6 bits"',
    ],
    [
      'a way to keep',
      async () => linear(context, { keep: 'all' as 'tiles' }),
      'keep is "all"; allowed: transposed',
    ],
    [
      'an option',
      async () => linear(context, { grain: 1 } as LinearOptions),
      'options.grain is 1; allowed: the opt',
    ],
    [
      "a product's kernel",
      async () => linear(context, { products: { kernel: 'fastest' } }),
      'products.kernel is "fastest"; allowed: without an accumulator auto, ',
    ],
    [
      "one product's accumulator",
      async () => linear(context, { products: { wgrad: { accumulator: 'hoper' as 'f32' } } }),
      'products.wgrad.accumulator is "hoper"; allowed: hopper-wgmma',
    ],
    [
      'a splitK without an accumulator',
      async () => linear(context, { products: { dgrad: { splitK: 2 } } }),
      'products.dgrad.splitK is 2; allowed: given together with an accumulator',
    ],
    [
      'a promotion that cuts tiles of scales',
      async () => linear(context, { products: { accumulator: 'hopper-wgmma', wgrad: { promote: 96 } } }),
      'products.wgrad.promote is 96; allowed: a divisor of 128',
    ],
    [
      'a kernel that emulates nothing, with an accumulator',
      async () => linear(context, { products: { kernel: 'portable', wgrad: { accumulator: 'exact' } } }),
      'products.kernel is "portable"; allowed: with an accumulator auto, emulated, stepwise',
    ],
    [
      'an emulator without one',
      async () => linear(context, { products: { wgrad: { kernel: 'stepwise' } } }),
      'products.wgrad.kernel is "stepwise"; allowed: without an accumulator auto, skinny',
    ],
    [
      'a product option',
      async () => linear(context, { products: { wgrad: { out: 'f32' } as object } }),
      'products.wgrad.out is "f32"; allowed: the options kernel',
    ],
  ];
  test.each(refusals)('%s', async (_, work, message) => {
    const create = vi.spyOn(context.gpu.device, 'createBuffer');
    const refusal = await work().catch((error: unknown) => error);
    expect(create).not.toHaveBeenCalled();
    create.mockRestore();
    expect(refusal).toBeInstanceOf(ArgumentError);
    expect((refusal as Error).message).toContain(message);
  });

  test('options of backward that there are not, and a dw that is disposed of', async () => {
    using pass = await layer.forward(x, w);
    await expect(pass.backward(dy, { dW: 1 } as object)).rejects.toThrow(/^options\.dW is 1/);
    const dw = GpuMatrix.create(context.gpu, w.rows, w.cols, 'f32');
    dw.dispose();
    await expect(pass.backward(dy, { dw })).rejects.toThrow(/^dw has been disposed of/);
    pass.y.dispose();
  });

  test('codes in other tiles, or that are gone', async () => {
    const plain = GpuMatrix.create(context.gpu, 4, 2, 'f32');
    const { quantized, transposed } = await context.quantizeWithTranspose(plain);
    using tensor = await context.quantize(plain, { granularity: 'tensor' });
    await expect(layer.forward({ quantized: tensor, transposed }, w)).rejects.toThrow(
      'x.quantized.granularity is "tensor"; allowed: 1x128',
    );
    transposed.dispose();
    await expect(layer.forward({ quantized, transposed }, w)).rejects.toThrow(
      /^x\.transposed has been disposed of/,
    );
    plain.dispose();
    await expect(layer.forward(plain, w)).rejects.toThrow(/^x has been disposed of/);
    quantized.dispose();
  });

  test('a dy or dw of another shape', async () => {
    using pass = await layer.forward(x, w);
    await expect(pass.backward(x)).rejects.toThrow('dy is "4x2"; allowed: a matrix of y\'s shape, 4x3');
    using half = GpuMatrix.create(context.gpu, 3, 2, 'bf16');
    await expect(pass.backward(dy, { dw: half })).rejects.toThrow(
      'dw is "3x2 bf16"; allowed: a matrix of w\'s shape, 3x2, in f32',
    );
    pass.y.dispose();
  });
});
