/** @file The kernel that runs on every adapter: shaders/gemm/portable.wgsl, with WebGPU's default limits. */

import portableWgsl from '../../shaders/gemm/portable.wgsl?raw';
import { type Format, width } from '../format/format.js';
import { elementFormats, formats } from '../format/formats.js';
import type { Shader } from '../gpu/shader.js';
import { dtypes } from '../matrix.js';
import { granularityByName } from '../quantize/granularity.js';
import { f32ErrorBound } from './error-bound.js';
import type { Kernel } from './kernel.js';
import type { GemmProblem } from './problem.js';
import { epiloguePart, operandsPart } from './shader.js';
import { tiledDispatches } from './tiled.js';

/** Widths of codes of which 16 are whole words, and at most 8 with what precedes them in 16 bytes. */
const codeWidths = [2, 4, 6, 8, 10, 12, 16];

export const portable: Kernel = {
  name: 'portable',
  summary: 'f32 register tiles of 64 x 64, no optional feature',
  features: [],
  limits: { maxComputeWorkgroupStorageSize: 8704, maxComputeInvocationsPerWorkgroup: 64 },
  errorBound: f32ErrorBound,

  unfit({ a, b, accumulation }) {
    if (accumulation) return 'it adds up in f32, not as a matrix instruction does';
    return unfitFormat(a.format) ?? unfitFormat(b.format);
  },

  dispatches(problem, matrices, operationsPerDispatch) {
    const tiled = { shader: portableShader(problem), tileRows: 64, tileCols: 64, operationsPerProduct: 2 };
    return tiledDispatches(tiled, problem, matrices, operationsPerDispatch);
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
