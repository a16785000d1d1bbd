/** @file Shaders that kernels share, and the epilogue as a choice of files: C's type and the output's type. */

import decode4Wgsl from '../../shaders/format/decode4.wgsl?raw';
import halvesWgsl from '../../shaders/format/halves.wgsl?raw';
import addend16bitWgsl from '../../shaders/gemm/addend-16bit.wgsl?raw';
import addendF32Wgsl from '../../shaders/gemm/addend-f32.wgsl?raw';
import addendNoneWgsl from '../../shaders/gemm/addend-none.wgsl?raw';
import beforeEndWgsl from '../../shaders/gemm/before-end.wgsl?raw';
import fetchRowWgsl from '../../shaders/gemm/fetch-row.wgsl?raw';
import halvesUnitWgsl from '../../shaders/gemm/halves-unit.wgsl?raw';
import operandsWgsl from '../../shaders/gemm/operands.wgsl?raw';
import orderRowsWgsl from '../../shaders/gemm/order-rows.wgsl?raw';
import output16bitWgsl from '../../shaders/gemm/output-16bit.wgsl?raw';
import outputF32Wgsl from '../../shaders/gemm/output-f32.wgsl?raw';
import placeWgsl from '../../shaders/gemm/place.wgsl?raw';
import placeDenseWgsl from '../../shaders/gemm/place-dense.wgsl?raw';
import placeGroupsWgsl from '../../shaders/gemm/place-groups.wgsl?raw';
import placeKGroupsWgsl from '../../shaders/gemm/place-k-groups.wgsl?raw';
import placeMaskedWgsl from '../../shaders/gemm/place-masked.wgsl?raw';
import placeWholeWgsl from '../../shaders/gemm/place-whole.wgsl?raw';
import scaleHalvesF16Wgsl from '../../shaders/gemm/scale-halves-f16.wgsl?raw';
import scaleHalvesF32Wgsl from '../../shaders/gemm/scale-halves-f32.wgsl?raw';
import stripWgsl from '../../shaders/gemm/strip.wgsl?raw';
import type { Format } from '../format/format.js';
import { bf16, e8m0, f16 } from '../format/formats.js';
import { formatConstant, formatShaders } from '../format/shader.js';
import type { ShaderPart } from '../gpu/shader.js';
import type { Dtype } from '../matrix.js';
import { type GemmProblem, type Grouping, leastTileCols, type OperandKind } from './problem.js';

export { halvesWgsl };

/** operands.wgsl with what it needs, for operands of these kinds. */
export function operandsPart(a: OperandKind, b: OperandKind): ShaderPart {
  const { format, decode, pack } = formatShaders;
  const formatOf = ({ format, scaleTellsNaN }: OperandKind) =>
    formatConstant(scaleTellsNaN ? withoutNaN(format) : format);
  return {
    files: [format, decode, decode4Wgsl, pack, operandsWgsl],
    constants: {
      A_FORMAT: formatOf(a),
      B_FORMAT: formatOf(b),
      A_TELLS_NAN: a.scaleTellsNaN === true,
      B_TELLS_NAN: b.scaleTellsNaN === true,
      A_E8M0: a.granularity.scaleFormat === 'e8m0',
      B_E8M0: b.granularity.scaleFormat === 'e8m0',
      E8M0: formatConstant(e8m0),
    },
  };
}

/** The format as it is decoded where no code of NaN matters. Infinities stay what they are, and so NaN beside them. */
function withoutNaN(format: Format): Format {
  return format.specials === 'ieee' ? format : { ...format, specials: 'none' };
}

/** The same for kernels that have to see NaN codes for what they are. */
export function strictOperandsPart(a: OperandKind, b: OperandKind): ShaderPart {
  return operandsPart({ ...a, scaleTellsNaN: false }, { ...b, scaleTellsNaN: false });
}

/**
 * halves-unit.wgsl with what it needs, for operands whose values meet their scales in f32 or f16 arithmetic.
 * @param unpacksSubnormals as in Machine
 */
export function halvesPart(scaling: 'f32' | 'f16', unpacksSubnormals: boolean): ShaderPart {
  const scaleHalves = scaling === 'f16' ? scaleHalvesF16Wgsl : scaleHalvesF32Wgsl;
  return { files: [halvesWgsl, scaleHalves, halvesUnitWgsl], constants: { UNPACKS: unpacksSubnormals } };
}

/**
 * fetch-row.wgsl.
 * @param tail whether a step may reach beyond the end of K: see mayPassEnd()
 */
export function fetchRowPart(tail: boolean): ShaderPart {
  return { files: [fetchRowWgsl], constants: { TAIL: tail } };
}

/** before-end.wgsl, for kernels whose values meet their scales in f32. */
export function beforeEndPart({ k }: GemmProblem): ShaderPart {
  return { files: [beforeEndWgsl], constants: { ENDS_WITHIN: k % leastTileCols !== 0 } };
}

/** Whether steps of `depth` elements of K may reach beyond the end of K, or of a group's range of it. */
export function mayPassEnd({ k, grouping }: GemmProblem, depth: number): boolean {
  return grouping?.kind === 'k' || Math.ceil(k / leastTileCols) % (depth / leastTileCols) !== 0;
}

const places = { rows: placeGroupsWgsl, masked: placeMaskedWgsl, k: placeKGroupsWgsl };

/**
 * place.wgsl and the way to tell a tile's place in a product with these groups.
 * @param order one of order-*.wgsl
 */
export function placeFiles(grouping: Grouping | undefined, order = orderRowsWgsl): string[] {
  return [placeWgsl, order, grouping ? places[grouping.kind] : placeDenseWgsl];
}

/** The same for kernels that never divide K among workgroups. */
export function wholePlaceFiles(grouping: Grouping | undefined): string[] {
  return [placeWgsl, orderRowsWgsl, grouping ? places[grouping.kind] : placeWholeWgsl];
}

/** What becomes of a strip of finished sums: C is added, and the result rounded and written. */
export function epiloguePart(c: Dtype | undefined, out: Dtype): ShaderPart {
  const addend = c === undefined ? addendNoneWgsl : c === 'f32' ? addendF32Wgsl : addend16bitWgsl;
  const outputFiles = out === 'f32' ? [outputF32Wgsl] : [formatShaders.encode, output16bitWgsl];
  return {
    files: [stripWgsl, addend, ...outputFiles],
    constants: {
      ...(c === undefined || c === 'f32' ? {} : { C_FORMAT: formatConstant(sixteenBits(c)) }),
      ...(out === 'f32' ? {} : { OUT_FORMAT: formatConstant(sixteenBits(out)) }),
    },
  };
}

function sixteenBits(dtype: 'bf16' | 'f16') {
  return dtype === 'bf16' ? bf16 : f16;
}
