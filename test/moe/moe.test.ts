/** @file Expert routing and exchange: the oracles against the definition, the GPU against the oracles. */

import { describe, expect, test, vi } from 'vitest';
import { Context } from '../../src/context.js';
import { ArgumentError, DisposedError } from '../../src/errors.js';
import { referenceGroupedGemm } from '../../src/gemm/grouped-reference.js';
import { GpuMatrix } from '../../src/gpu-matrix.js';
import { type Matrix, matrix, toFloat32 } from '../../src/matrix.js';
import { combineRows, dispatchRows } from '../../src/moe/exchange.js';
import { dropped, expertRows, type RowLayout, rowCapacity } from '../../src/moe/expert-rows.js';
import { routeOnGpu } from '../../src/moe/route-gpu.js';
import { type Routing, type RoutingOptions, route } from '../../src/moe/routing.js';
import * as native from '../../src/probe/native.js';
import { dequantize } from '../../src/quantize/dequantize.js';
import { quantize } from '../../src/quantize/quantize.js';
import { sqnr } from '../../src/report/metrics.js';
import { randomMatrix } from '../../src/verify/random.js';
import { openTestGpu } from '../adapter.js';
import { randomMatrix as plainMatrix } from '../gemm/operands.js';
import { difference } from '../quantize/differences.js';

const context = new Context(await openTestGpu());

/** Logits with ties, and an expert that everybody likes. */
function logitsOf(tokens: number, experts: number, seed: number): Matrix {
  const { data } = randomMatrix(tokens, experts, seed);
  const values = Float32Array.from(data, (value, i) =>
    i % experts === 3 ? 4 : i % 5 === 0 ? Math.round(value) : value,
  );
  return matrix(tokens, experts, values);
}

function biasOf(experts: number): Float32Array {
  return Float32Array.from({ length: experts }, (_, i) => Math.sin(i) / 4);
}

describe('the oracle', () => {
  test('takes the experts of the best groups, by affinity and bias, and weighs them by affinity alone', () => {
    // Two groups of three; sigmoid(0) = 0.5, larger logits have larger affinities.
    const logits = matrix(1, 6, Float32Array.of(5, -9, -9, 1, 2, 3));
    const affinity = (x: number) => 1 / (1 + Math.exp(-x));
    const open = route(logits, { topK: 2 });
    expect([...open.experts]).toEqual([0, 5]);
    // The second group's two best, 0.953 + 0.881, beat the first one's 0.993 + 0.0001.
    const limited = route(logits, { topK: 2, groups: 2, topGroups: 1, scale: 2.5 });
    expect([...limited.experts]).toEqual([5, 4]);
    const sum = affinity(3) + affinity(2);
    for (const [k, x] of [3, 2].entries()) expect(limited.gates[k]).toBeCloseTo((2.5 * affinity(x)) / sum, 5);
    // The bias chooses and does not weigh.
    const biased = route(logits, { topK: 2, bias: Float32Array.of(-1, 0, 0, 1, 0, 0) });
    expect([...biased.experts]).toEqual([3, 5]);
    expect(biased.gates[0]).toBeCloseTo(affinity(1) / (affinity(1) + affinity(3)), 5);
  });

  test('breaks ties by number; NaN counts as -∞, and nothing to choose gives gates of 0', () => {
    const logits = matrix(2, 4, Float32Array.of(1, 2, 2, Number.NaN, -100, -200, Number.NaN, -Infinity));
    const { experts, gates } = route(logits, { topK: 3 });
    expect([...experts]).toEqual([1, 2, 0, 0, 1, 2]);
    expect([...gates.subarray(3)]).toEqual([0, 0, 0]);
    const [first = 0, second = 0, third = 0] = gates;
    expect(first).toBe(second);
    expect(Math.abs(first + second + third - 1)).toBeLessThan(2 ** -22);
  });

  test("experts' rows are whole tiles, in the order of the tokens", () => {
    const routing: Routing = {
      tokens: 3,
      topK: 2,
      experts: Uint32Array.of(2, 0, 2, 3, 0, 2),
      gates: new Float32Array(6),
    };
    const { counts, offsets, rowOf, sourceOf } = expertRows(routing, 4, { alignment: 4 });
    expect([...counts]).toEqual([2, 0, 3, 1]);
    expect([...offsets]).toEqual([0, 4, 4, 8, 12]);
    expect([...rowOf]).toEqual([4, 0, 5, 8, 1, 6]);
    expect(sourceOf.length).toBe(rowCapacity(6, 4, { alignment: 4 }));
    expect([...sourceOf.subarray(0, 12)]).toEqual([2, 5, 0, 0, 1, 3, 6, 0, 4, 0, 0, 0]);
    expect(rowCapacity(6, 4, { alignment: 4 })).toBeGreaterThanOrEqual(12);
  });

  test('what is dispatched and combined unchanged comes back as the sum of its gates', () => {
    const source = quantize(randomMatrix(5, 200, 1), { powerOfTwo: true });
    const routing = route(logitsOf(5, 8, 2), { topK: 3 });
    const rows = expertRows(routing, 8, { alignment: 16 });
    const dispatched = dispatchRows(source, routing, rows);
    const back = combineRows(dequantize(dispatched), routing, rows, 'f32');
    // Gates add up to 1: three roundings each of gate, product and sum.
    const values = dequantize(source).data;
    for (const [i, value] of values.entries())
      expect(Math.abs((back.data[i] as number) - value)).toBeLessThanOrEqual(2 ** -20 * Math.abs(value));
  });
});

const cases: [tokens: number, experts: number, options: RoutingOptions][] = [
  [40, 64, { topK: 8, groups: 8, topGroups: 4, bias: biasOf(64), scale: 2.5 }],
  [7, 256, { topK: 8, groups: 8, topGroups: 4 }],
  [1, 1, { topK: 1 }],
  [70, 6, { topK: 2, groups: 3, topGroups: 2, bias: biasOf(6) }],
  [3, 1024, { topK: 64, groups: 64, topGroups: 7 }],
];

describe('the GPU equals the oracle', () => {
  test.each(
    cases.flatMap((one) =>
      ([{ alignment: 16 }, { groupRows: 12 }] as RowLayout[]).map((layout) => [...one, layout] as const),
    ),
  )('%d tokens, %d experts, %j, %j', async (tokens, experts, options, layout) => {
    const given = logitsOf(tokens, experts, tokens);
    if (tokens > 1) given.data[experts + 1] = Number.NaN;
    using logits = await context.upload(given);
    using routing = await routeOnGpu(context, logits, options, layout);
    const expected = route(given, options);
    const actual = await routing.read();
    expect(actual).toEqual({ ...expected, ...expertRows(expected, experts, layout) });
    expect(new Uint32Array(actual.gates.buffer)).toEqual(new Uint32Array(expected.gates.buffer));
  });

  test('with integers for the arithmetic, and bf16 logits', async () => {
    vi.spyOn(native, 'nativeArithmetic').mockResolvedValue({ add: false, multiply: false, fma: false });
    const given = plainMatrix(9, 16, 'bf16', 3, 3);
    using logits = await context.upload(given);
    const options = { topK: 4, groups: 4, topGroups: 2 };
    using routing = await routeOnGpu(context, logits, options);
    vi.restoreAllMocks();
    const expected = route(given, options);
    expect(await routing.read()).toEqual({ ...expected, ...expertRows(expected, 16) });
  });

  test.each(['e4m3', 'e5m6'] as const)(
    'dispatch of %s codes with their scales, and combine',
    async (format) => {
      const given = logitsOf(30, 12, 5);
      const options = { topK: 3 };
      using logits = await context.upload(given);
      using routing = await routeOnGpu(context, logits, options, { alignment: 16 });
      const expected = route(given, options);
      const rows = expertRows(expected, 12, { alignment: 16 });

      const x = quantize(randomMatrix(30, 300, 6), { format, powerOfTwo: true });
      using source = await context.upload(x);
      using dispatched = await routing.dispatch(source);
      expect(difference(await dispatched.read(), dispatchRows(x, expected, rows))).toBeUndefined();
      expect(dispatched.powersOfTwo).toBe(true);
      const { quantized, bf16 } = routing.bytesOf(source);
      // A scale of four bytes for each 100 codes or more.
      const bytes = format === 'e4m3' ? 1 : 1.5;
      expect(quantized).toBe(90 * (300 * bytes + 3 * 4));
      expect(bf16).toBe(90 * 600);

      for (const [dtype, out] of [
        ['bf16', 'bf16'],
        ['f32', 'f32'],
      ] as const) {
        const results = plainMatrix(routing.capacity, 50, dtype, 7);
        using onGpu = await context.upload(results);
        using combined = await routing.combine(onGpu, out);
        expect((await combined.read()).data).toEqual(combineRows(results, expected, rows, out).data);
      }
    },
  );

  test('a layer of experts, its grouped product masked by counts on the GPU', async () => {
    const [tokens, experts, width, outputs] = [24, 4, 130, 128];
    const given = logitsOf(tokens, experts, 11);
    const options = { topK: 2, scale: 2 };
    using logits = await context.upload(given);
    // The expert that everybody likes has no room for all.
    using routing = await routeOnGpu(context, logits, options, { groupRows: 16 });
    const expected = route(given, options);
    const rows = expertRows(expected, experts, { groupRows: 16 });
    expect(rows.rowOf.filter((row) => row === dropped).length).toBe(tokens - 16);

    const x = quantize(randomMatrix(tokens, width, 12), { powerOfTwo: true });
    const w = quantize(randomMatrix(experts * outputs, width, 13), { granularity: '128x128' });
    using source = await context.upload(x);
    using dispatched = await routing.dispatch(source);
    using products = await context.groupedGemm(dispatched, w, routing.masked, { kernel: 'portable' });
    using combined = await routing.combine(products, 'f32');
    const counts = [...rows.counts];
    const exact = referenceGroupedGemm(dispatchRows(x, expected, rows), w, {
      kind: 'masked',
      capacity: 16,
      counts,
    });
    const wanted = combineRows(exact, expected, rows, 'f32');
    // Sums of 130 products in f32: a fraction of their size, far below one in a thousand of the results'.
    expect(sqnr(toFloat32(await combined.read()), toFloat32(wanted))).toBeGreaterThan(100);
    await expect(routeOnGpu(context, logits, options).then((one) => one.masked)).rejects.toThrow(
      'layout.groupRows is undefined; allowed: given to routeOnGpu()',
    );
  });

  test('a layer of experts: what each row was multiplied by comes back to its token', async () => {
    const given = logitsOf(20, 4, 8);
    using logits = await context.upload(given);
    using routing = await routeOnGpu(context, logits, { topK: 2 }, { alignment: 16 });
    const x = quantize(randomMatrix(20, 64, 9), { powerOfTwo: true });
    using source = await context.upload(x);
    using dispatched = await routing.dispatch(source);
    using plain = await context.dequantize(dispatched);
    using back = await routing.combine(plain, 'f32');
    const values = toFloat32(dequantize(x));
    for (const [i, value] of toFloat32(await back.read()).entries())
      expect(Math.abs(value - (values[i] as number))).toBeLessThanOrEqual(
        2 ** -20 * Math.abs(values[i] as number),
      );
  });
});

describe('what is refused', async () => {
  const logits = await context.upload(logitsOf(4, 6, 1));
  const routing = await routeOnGpu(context, logits, { topK: 2 }, { alignment: 4 });
  const refusals: [string, () => Promise<unknown>, string][] = [
    [
      'too many experts a token',
      () => routeOnGpu(context, logits, { topK: 7 }),
      'topK is 7; allowed: at most 6',
    ],
    [
      'groups that do not divide',
      () => routeOnGpu(context, logits, { topK: 1, groups: 4 }),
      'groups is 4; allowed',
    ],
    [
      'experts beyond the groups',
      () => routeOnGpu(context, logits, { topK: 3, groups: 3, topGroups: 1 }),
      'topK is 3; allowed: at most 2, of 1 groups of 2',
    ],
    [
      'a bias of another length',
      () => routeOnGpu(context, logits, { topK: 1, bias: new Float32Array(5) }),
      'bias is Float32Array of 5; allowed: a Float32Array of 6',
    ],
    ['no scale', () => routeOnGpu(context, logits, { topK: 1, scale: 0 }), 'scale is 0; allowed: a positive'],
    [
      'a scale that is none in f32',
      () => routeOnGpu(context, logits, { topK: 1, scale: 1e-60 }),
      'scale is 1e-60',
    ],
    [
      'an alignment beside room',
      () => routeOnGpu(context, logits, { topK: 1 }, { alignment: 8, groupRows: 8 }),
      'layout.alignment is 8; allowed: nothing with groupRows',
    ],
    [
      'fewer experts than the routing has',
      async () => expertRows(await routing.read(), 2),
      'experts is 2; allowed: more than ',
    ],
    ['an option', () => routeOnGpu(context, logits, { topK: 1, k: 2 } as RoutingOptions), 'options.k is 2'],
    [
      'rows for other tokens',
      async () => routing.dispatch(await context.quantize(randomMatrix(3, 8, 1))),
      'source.rows is 3',
    ],
    [
      'scales of blocks',
      async () => routing.dispatch(await context.quantize(randomMatrix(4, 8, 1), { granularity: '128x128' })),
      'source.granularity is "128x128"; allowed: 1x128 or row',
    ],
    ['too few results', () => routing.combine(logits), "results.rows is 4; allowed: the experts' rows"],
    [
      'a type',
      () => routing.combine(GpuMatrix.create(context.gpu, routing.capacity, 4, 'f32'), 'f64' as 'f32'),
      'out is "f64"; allowed: f32, bf16, f16',
    ],
  ];
  test.each(refusals)('%s', async (_, work, message) => {
    const refusal = await work().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ArgumentError);
    expect((refusal as Error).message).toContain(message);
  });

  test('a routing that has been disposed of', async () => {
    const gone = await routeOnGpu(context, logits, { topK: 1 });
    gone.dispose();
    await expect(gone.read()).rejects.toThrow(DisposedError);
  });

  test('counts of a routing that has been disposed of', async () => {
    const gone = await routeOnGpu(context, logits, { topK: 1 }, { groupRows: 2 });
    const groups = gone.masked;
    const rows = await gone.dispatch(await context.quantize(randomMatrix(4, 128, 1)));
    const weights = await context.quantize(randomMatrix(6, 128, 2), { granularity: 'row' });
    gone.dispose();
    await expect(context.groupedGemm(rows, weights, groups)).rejects.toThrow(/groups.counts.*disposed of/);
  });

  test("a routing's own layout lays out its rows again", async () => {
    const masked = await routeOnGpu(context, logits, { topK: 1 }, { groupRows: 2 });
    for (const one of [masked, routing]) {
      const { counts, rowOf, ...read } = await one.read();
      const again = expertRows(read, 6, one.layout);
      expect([again.counts, again.rowOf]).toEqual([counts, rowOf]);
    }
    masked.dispose();
  });

  test('counts on another context', async () => {
    const other = new Context(await openTestGpu());
    const elsewhere = await routeOnGpu(context, logits, { topK: 1 }, { groupRows: 2 });
    const rows = await other.quantize(randomMatrix(12, 128, 1));
    const weights = await other.quantize(randomMatrix(6, 128, 2), { granularity: 'row' });
    await expect(other.groupedGemm(rows, weights, elsewhere.masked)).rejects.toThrow(
      'groups.counts is GPUBuffer; allowed: a buffer on this context',
    );
    elsewhere.dispose();
  });

  test('more rows of experts than a buffer has room for', async () => {
    await expect(routeOnGpu(context, logits, { topK: 1 }, { groupRows: 2 ** 31 })).rejects.toThrow(
      /layout.groupRows is 2147483648.*fewer rows/,
    );
  });
});
