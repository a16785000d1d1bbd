/** @file Shapes worth measuring, as [M, N, K]: A is M × K, B is N × K, D = A · Bᵀ is M × N. */

export type Shape = readonly [m: number, n: number, k: number];

/**
 * N × K of DeepSeek-V3's layers, as DeepGEMM's tests list them (deepseek-ai/DeepGEMM, tests/generators.py,
 * bf16_output_nk). The forward pass multiplies them by M rows of activations.
 */
const deepseekLayers: readonly (readonly [n: number, k: number])[] = [
  [2112, 7168],
  [576, 7168],
  [24576, 1536],
  [32768, 512],
  [7168, 16384],
  [4096, 7168],
  [7168, 2048],
];

/** Forward: one token, small batches, and a training batch. */
export const deepseekForward: readonly Shape[] = [1, 16, 128, 4096].flatMap((m) =>
  deepseekLayers.map(([n, k]): Shape => [m, n, k]),
);

/** Gradients of the activations: D is M × K, summed over N. */
export const deepseekDgrad: readonly Shape[] = deepseekLayers.map(([n, k]) => [4096, k, n]);

/** Gradients of the weights, as DeepGEMM's suite has them: D is N × M, summed over K. */
export const deepseekWgrad: readonly Shape[] = deepseekLayers.map(([n, k]) => [n, 4096, k]);

export const squares: readonly Shape[] = [256, 512, 1024, 2048, 4096, 8192].map((n) => [n, n, n]);

/** No dimension a multiple of a tile, or next to one, or a single row and column. */
export const ragged: readonly Shape[] = [
  [127, 255, 384],
  [1, 1, 128],
  [300, 303, 640],
  [129, 257, 1000],
  [2047, 2049, 1023],
];

/** One of each kind, small enough for a CPU. */
export const smoke: readonly Shape[] = [
  [256, 256, 256],
  [512, 512, 512],
  [1, 576, 7168],
  [128, 512, 1024],
  [127, 255, 384],
];

/**
 * [groups, rows or elements of K of a group, the other two sides of a product]: what DeepGEMM's grouped tests multiply.
 */
export type GroupShape = readonly [groups: number, size: number, n: number, other: number];

/** N × K of an expert's two layers, and two smaller ones (deepseek-ai/DeepGEMM, tests/generators.py). */
const expertLayers: readonly (readonly [n: number, k: number])[] = [
  [6144, 7168],
  [7168, 3072],
  [4096, 4096],
  [4096, 2048],
];

function ofExperts(groups: readonly (readonly [groups: number, size: number])[]): GroupShape[] {
  return groups.flatMap(([count, size]) => expertLayers.map(([n, k]): GroupShape => [count, size, n, k]));
}

/** Rows of one expert after another: [groups, rows of each, N, K]. */
export const contiguousGroups: readonly GroupShape[] = ofExperts([
  [4, 8192],
  [8, 4096],
]);

/** Rows that are there, about so many, of the 4096 that each group has room for: [groups, rows, N, K]. */
export const maskedGroups: readonly GroupShape[] = ofExperts([
  [6, 1024],
  [32, 192],
  [32, 20],
]);

/** Gradients of experts' weights: [groups, elements of K of each, N, M]. */
export const groupsAlongK: readonly GroupShape[] = (
  [
    [4, 8192],
    [8, 4096],
    [16, 2048],
  ] as const
).flatMap(([count, size]): GroupShape[] => [
  [count, size, 7168, 4096],
  [count, size, 2048, 7168],
]);

/** A layer whose activations are cast and multiplied, from one token to a training batch. */
export const casts: readonly Shape[] = [1, 16, 128, 4096].map((m): Shape => [m, 7168, 2048]);
