/** @file The kernel that runs on every adapter: shaders/gemm/portable.wgsl, with WebGPU's default limits. */

import portableWgsl from '../../shaders/gemm/portable.wgsl?raw';
import { type Format, width } from '../format/format.js';
import { elementFormats, formats } from '../format/formats.js';
import { type Dispatch, grid } from '../gpu/gpu.js';
import type { Shader } from '../gpu/shader.js';
import type { GpuQuantizedMatrix } from '../gpu-matrix.js';
import { dtypes } from '../matrix.js';
import { granularityByName } from '../quantize/granularity.js';
import { f32ErrorBound } from './error-bound.js';
import type { GemmMatrices, Kernel } from './kernel.js';
import { type GemmProblem, gemmProblem, promotionInterval } from './problem.js';
import { epiloguePart, operandsPart } from './shader.js';

/** Rows and columns of D a workgroup computes, and elements of K a step: as in portable.wgsl. */
const tile = 64;
const stepLength = 16;
/** Widths of codes of which 16 are whole words, and at most 8 with what precedes them in 16 bytes. */
const codeWidths = [2, 4, 6, 8, 10, 12, 16];

export const portable: Kernel = {
  name: 'portable',
  summary: 'f32 register tiles of 64 x 64, no optional feature',
  features: [],
  limits: { maxComputeWorkgroupStorageSize: 8704, maxComputeInvocationsPerWorkgroup: 64 },
  errorBound: f32ErrorBound,

  unfit({ a, b }) {
    return unfitFormat(a.format) ?? unfitFormat(b.format);
  },

  dispatches(matrices, operationsPerDispatch) {
    const { a, b, c, d } = matrices;
    const problem = gemmProblem(a, b, c, d.dtype);
    const shader = portableShader(problem);
    const buffers = [a.codes, a.scales, b.codes, b.scales, d.buffer, ...(c ? [c.buffer] : [])];

    const tiles = Math.ceil(problem.m / tile) * Math.ceil(problem.n / tile);
    const operationsPerTile = 2 * tile * tile * Math.ceil(problem.k / stepLength) * stepLength;
    const tilesPerDispatch = Math.max(1, Math.floor(operationsPerDispatch / operationsPerTile));
    const dispatches: Dispatch[] = [];
    for (let first = 0; first < tiles; first += tilesPerDispatch) {
      const end = Math.min(first + tilesPerDispatch, tiles);
      dispatches.push({
        shader,
        buffers,
        params: portableParams(problem, matrices, first, end),
        workgroups: grid(end - first),
        operations: (end - first) * operationsPerTile,
      });
    }
    return dispatches;
  },

  variants() {
    // Granularities are parameters, so that formats, C and the output are all that the WGSL depends on; operands
    // and epilogue do not depend on each other.
    const row = { granularity: granularityByName('row') };
    const shape = { m: 1, n: 1, k: 1 };
    const e4m3 = { ...row, format: formats.e4m3 };
    const pairs = elementFormats.flatMap((a) =>
      elementFormats.map((b) => ({ a: { ...row, format: formats[a] }, b: { ...row, format: formats[b] } })),
    );
    const epilogues = [undefined, ...dtypes].flatMap((c) => dtypes.map((out) => ({ c, out })));
    return [
      ...pairs.map((operands) => portableShader({ ...shape, ...operands, c: undefined, out: 'f32' })),
      ...epilogues.map((epilogue) => portableShader({ ...shape, a: e4m3, b: e4m3, ...epilogue })),
    ];
  },
};

function unfitFormat(format: Format): string | undefined {
  if (format.signBits === 1 && codeWidths.includes(width(format))) return undefined;
  return `it multiplies codes with a sign and ${codeWidths.join(', ')} bits; ${format.name} has ${format.signBits === 1 ? `${width(format)} bits` : 'no sign'}`;
}

function portableShader({ a, b, c, out }: GemmProblem): Shader {
  const operands = operandsPart(a, b);
  const epilogue = epiloguePart(c, out);
  const addend = c === undefined ? '' : ` + ${c}`;
  return {
    label: `gemm portable ${a.format.name} x ${b.format.name}${addend} to ${out}`,
    files: [...operands.files, ...epilogue.files, portableWgsl],
    constants: { ...operands.constants, ...epilogue.constants },
  };
}

/** The words of Params in operands.wgsl. */
function portableParams(
  { n, k, a: aKind, b: bKind }: GemmProblem,
  { a, b, d }: GemmMatrices,
  firstTile: number,
  endTile: number,
): number[] {
  const steps = Math.ceil(k / stepLength);
  const promotionSteps = promotionInterval(aKind, bKind) / stepLength;
  const tileCols = Math.ceil(n / tile);
  return [
    ...[steps, promotionSteps, firstTile, endTile, tileCols, d.pitch, 0, 0],
    ...operandParams(a),
    ...operandParams(b),
  ];
}

/** The words of Operand in operands.wgsl. */
function operandParams({ rows, wordPitch, scaleCols, granularity }: GpuQuantizedMatrix): number[] {
  const e8m0 = granularity.scaleFormat === 'e8m0' ? 1 : 0;
  return [rows, wordPitch, scaleCols, shift(granularity.tileRows), shift(granularity.tileCols), e8m0, 0, 0];
}

/** The shift that divides by a tile's length, a power of two; 31 where there is one tile. */
function shift(length: number): number {
  return length === Infinity ? 31 : Math.log2(length);
}
