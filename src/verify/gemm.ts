/** @file Products on the GPU against the exact ones: every kernel, every output within the kernel's bound. */

import { Context } from '../context.js';
import { encodeAll } from '../format/encode.js';
import { type FormatName, formats } from '../format/formats.js';
import { checkGemm } from '../gemm/check.js';
import type { GemmOptions } from '../gemm/gemm.js';
import type { Kernel } from '../gemm/kernel.js';
import { gemmProblem } from '../gemm/problem.js';
import { kernels, obstacle } from '../gemm/registry.js';
import type { Gpu } from '../gpu/gpu.js';
import { type Dtype, type Matrix, matrix } from '../matrix.js';
import { type GranularityName, granularityNames } from '../quantize/granularity.js';
import { quantize } from '../quantize/quantize.js';
import type { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { type Check, Tally } from './check.js';
import { randomMatrix } from './random.js';
import { wholeMatrix } from './whole-numbers.js';

/** A product to check. */
export interface Product {
  readonly shape: readonly [m: number, n: number, k: number];
  readonly granularities: readonly [a: GranularityName, b: GranularityName];
  readonly formats: readonly [a: FormatName, b: FormatName];
  /** Type of a C to add. */
  readonly c?: Dtype;
  readonly out: Dtype;
  /** Whether values are small whole numbers, whose products are exact in any order. Default not. */
  readonly whole?: true;
}

/** More than one tile of 64 and of 128 in rows and columns, and a rest; K ends within a scale and a step. */
const ragged = [131, 133, 203] as const;
/** No power of two, for kernels that compute few rows. */
const fewRows = 7;
const usual = {
  shape: ragged,
  granularities: ['1x128', '128x128'],
  formats: ['e4m3', 'e4m3'],
  out: 'f32',
} as const;

/** Every pair of granularities, and shapes from one element up: one variant of a kernel's shader. */
function granularitiesAndShapes(): Product[] {
  const shapes = [
    [1, 1, 1],
    [1, 1, 128],
    [3, 5, 17],
    [64, 128, 256],
    [2, 3, 7168],
  ] as const;
  return [
    ...granularityNames.flatMap((a) =>
      granularityNames.map((b): Product => ({ ...usual, granularities: [a, b] })),
    ),
    ...shapes.map((shape): Product => ({ ...usual, shape })),
  ];
}

/**
 * Codes of 4, 6, 8 and 12 bits, with five bits of exponent and with fewer, C in f32 and in 16 bits, and both outputs of
 * 16 bits, in three variants: each is a shader, which a software adapter compiles for seconds.
 */
function formatsAndTypes(): Product[] {
  return [
    { ...usual, formats: ['e5m2', 'e3m2'], c: 'f32', out: 'bf16' },
    { ...usual, formats: ['e5m6', 'e2m1'], c: 'bf16', out: 'f16' },
    { ...usual, formats: ['e4m3', 'e2m3'], c: 'f16', out: 'bf16' },
  ];
}

/** Shapes beyond a tile, and beyond a tile and many steps. */
const wholeNumbers: readonly Product[] = [
  { ...usual, whole: true },
  { ...usual, shape: [70, 150, 1024], whole: true },
];

/**
 * Two checks for each kernel, and for kernels that round to halves a third: their bounds are so wide that products left
 * out may lie within, but whole numbers they have to get exactly right.
 */
export function gemmChecks(chosen: readonly Kernel[] = kernels): Check[] {
  return chosen.flatMap((kernel) => [
    gemmCheck(kernel, 'granularities and shapes', granularitiesAndShapes()),
    gemmCheck(kernel, 'formats and types', formatsAndTypes()),
    ...(kernel.folds || kernel.addsInHalves ? [wholeCheck(kernel)] : []),
  ]);
}

/** Multiplies whole numbers, and allows no error. */
export function wholeCheck(kernel: Kernel, products = wholeNumbers): Check {
  return gemmCheck({ ...kernel, errorBound: () => 0 }, 'whole numbers, exactly', products);
}

/** Multiplies random matrices with outliers and compares every output. */
export function gemmCheck(kernel: Kernel, what: string, products: readonly Product[]): Check {
  return {
    name: `gemm ${kernel.name}, ${what}`,
    steps: products.length,
    skip: (gpu) => obstacle(gpu, kernel),
    async run(gpu, tick) {
      const tally = new Tally();
      let left = 0;
      for (const asked of products) {
        const product = withFewRows(kernel, asked);
        const { a, b, c } = operands(product);
        if (kernel.unfit(gemmProblem(a, b, c, product.out)) === undefined)
          await compare(gpu, kernel, { a, b, c, out: product.out, name: nameOf(product) }, tally);
        else left++;
        tick();
      }
      const unfit = left === 0 ? '' : `; ${left} that it does not compute left out`;
      return tally.outcome(`every output of ${products.length - left} products${unfit}`);
    },
  };
}

/** The product, with few of its rows for a kernel that does not compute more. */
function withFewRows(kernel: Kernel, product: Product): Product {
  const [m, n, k] = product.shape;
  const { a, b } = operands({ ...product, shape: [1, 1, k] });
  const problem = { ...gemmProblem(a, b, undefined, product.out), m, n };
  const few = { ...problem, m: fewRows };
  const suits = kernel.unfit(problem) !== undefined && kernel.unfit(few) === undefined;
  return suits ? { ...product, shape: [Math.min(m, fewRows), n, k] } : product;
}

/** A product in words. */
export function nameOf({ shape, granularities, formats, c, out }: Product): string {
  const [left, right] = [0, 1].map((side) => `${formats[side]} ${granularities[side]}`);
  return `${shape.join('x')}, ${left} by ${right}${c ? ` plus ${c}` : ''} to ${out}`;
}

/** The product's operands on the CPU, whose quantiser another check compares with the GPU's. */
export function operands({ shape: [m, n, k], granularities, formats, c, whole }: Product) {
  const side = (index: 0 | 1, rows: number) => {
    const [format, granularity, seed] = [formats[index], granularities[index], index + 4];
    if (whole) return wholeMatrix(rows, k, seed, format, granularity);
    return quantize(randomMatrix(rows, k, seed, 'outliers'), { format, granularity });
  };
  return { a: side(0, m), b: side(1, n), c: c && addend(m, n, c) };
}

/** A C of about the size of the products. */
function addend(rows: number, cols: number, dtype: Dtype): Matrix {
  const values = randomMatrix(rows, cols, 6).data as Float32Array;
  const scaled = values.map((value) => value * 16);
  if (dtype === 'f32') return matrix(rows, cols, scaled);
  return matrix(rows, cols, encodeAll(formats[dtype], scaled) as Uint16Array, dtype);
}

interface Operands {
  readonly a: QuantizedMatrix;
  readonly b: QuantizedMatrix;
  readonly c: Matrix | undefined;
  readonly out: Dtype;
  readonly name: string;
}

async function compare(
  gpu: Gpu,
  kernel: Kernel,
  { a, b, c, out, name }: Operands,
  tally: Tally,
): Promise<void> {
  const d = await multiply(gpu, a, b, { kernel: kernel.name, out, c });
  countOutputs(tally, kernel, { a, b, c, name }, d);
}

/** Counts every output of a product, right if it is within the kernel's bound. */
export function countOutputs(
  tally: Tally,
  { errorBound }: Kernel,
  { a, b, c, name }: Pick<Operands, 'a' | 'b' | 'name'> & Partial<Pick<Operands, 'c'>>,
  d: Matrix,
): void {
  const { checked, wrong } = checkGemm(a, b, d, { c, errorBound, outputs: d.rows * d.cols });
  const mistakes = new Set(wrong);
  for (const output of checked)
    tally.count(!mistakes.has(output), () => {
      const { row, col, value, exact, bound } = output;
      return `(${row}, ${col}) of ${name} is ${value}, not ${exact} ± ${bound.toPrecision(3)}`;
    });
}

/** The product of two matrices in host memory, back in host memory. */
export async function multiply(
  gpu: Gpu,
  a: QuantizedMatrix,
  b: QuantizedMatrix,
  options: GemmOptions,
): Promise<Matrix> {
  return (await multiplyEach(gpu, a, b, [options]))[0] as Matrix;
}

/** The same product in several ways, one after the other. */
export async function multiplyEach(
  gpu: Gpu,
  a: QuantizedMatrix,
  b: QuantizedMatrix,
  ways: readonly GemmOptions[],
): Promise<Matrix[]> {
  const context = new Context(gpu);
  const owned: { dispose(): void }[] = [];
  const keep = <T extends { dispose(): void }>(one: T): T => {
    owned.push(one);
    return one;
  };
  try {
    const left = keep(await context.upload(a));
    const right = keep(await context.upload(b));
    const products: Matrix[] = [];
    for (const options of ways) products.push(await keep(await context.gemm(left, right, options)).read());
    return products;
  } finally {
    for (const one of owned) one.dispose();
  }
}
