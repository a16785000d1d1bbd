/** @file Products in packed f16 arithmetic, without matrix units: shaders/gemm/half.wgsl. */

import eightRowsWgsl from '../../shaders/gemm/eight-rows.wgsl?raw';
import halfWgsl from '../../shaders/gemm/half.wgsl?raw';
import halfPairWgsl from '../../shaders/gemm/half-pair.wgsl?raw';
import { elementFormats, formats } from '../format/formats.js';
import type { Machine } from '../gpu/machine.js';
import type { Shader } from '../gpu/shader.js';
import { dtypes } from '../matrix.js';
import { granularityByName } from '../quantize/granularity.js';
import { halfExponent } from './fold.js';
import { foldDispatch, foldedBytes, foldPart } from './fold-pass.js';
import type { Kernel, Tiling } from './kernel.js';
import { halfErrorBound } from './matrix/error-bound.js';
import { scalings, unfitFolded, unfitMatrix } from './matrix/units.js';
import { partialsBytes } from './parts.js';
import { type GemmProblem, groupings } from './problem.js';
import { epiloguePart, fetchRowPart, halvesPart, mayPassEnd, operandsPart, placeFiles } from './shader.js';
import { partsOf, tiledDispatches } from './tiled.js';

/** Rows and columns of D in a workgroup's tile, the arithmetic in which values meet their scales, parts of K. */
interface HalfTiling extends Tiling {
  readonly rows: number;
  readonly cols: number;
  readonly scaling: 'f32' | 'f16';
  readonly parts: number;
}

const depth = 32;
const tiles = [
  { rows: 128, cols: 128 },
  { rows: 128, cols: 64 },
  { rows: 64, cols: 128 },
  { rows: 64, cols: 64 },
] as const;

/** Workgroups that fill today's large GPUs twice. */
const enoughWorkgroups = 256;
const partCounts = [1, 2, 4, 8];

export const half: Kernel = {
  name: 'half',
  summary: 'packed f16 arithmetic, promoted to f32 every 32 of K',
  features: ['shader-f16'],
  limits: { maxComputeWorkgroupStorageSize: 2 * depth * 128, maxComputeInvocationsPerWorkgroup: 64 },
  errorBound: halfErrorBound,
  folds: true,
  addsInHalves: true,
  grouped: true,
  unfit: unfitFolded,

  tilings(problem, machine) {
    const { limits } = machine;
    const fitting = tiles.filter(
      ({ rows, cols }) =>
        2 * depth * (rows + cols) <= limits.maxComputeWorkgroupStorageSize &&
        (rows * cols) / 64 <= limits.maxComputeInvocationsPerWorkgroup,
    );
    const workgroups = ({ rows, cols }: { readonly rows: number; readonly cols: number }) =>
      Math.ceil(problem.m / rows) * Math.ceil(problem.n / cols);
    const preferred = fitting.find((tile) => workgroups(tile) >= enoughWorkgroups) ?? fitting.at(-1);
    const ordered = [...fitting].sort((a, b) => Number(b === preferred) - Number(a === preferred));
    return ordered.flatMap((tile) => {
      const possible = [...new Set(partCounts.map((parts) => partsOf(problem, parts)))];
      const [least = 1] = possible;
      const first = possible.findLast((parts) => parts * workgroups(tile) <= enoughWorkgroups) ?? least;
      return [first, ...possible.filter((parts) => parts !== first)].flatMap((parts) =>
        scalings(problem, machine).map((scaling) => ({ ...tile, scaling, parts })),
      );
    });
  },

  scratchBytes(problem, tiling) {
    return [foldedBytes(problem), ...partialsBytes(problem, (tiling as HalfTiling).parts)];
  },

  dispatches(job) {
    const tiling = job.tiling as HalfTiling;
    const { rows: tileRows, cols: tileCols, parts } = tiling;
    const shader = halfShader(job.problem, tiling, job.machine);
    const [folded] = job.scratch;
    const tiled = { shader, tileRows, tileCols, operationsPerProduct: 2, parts, folded };
    return [foldDispatch(job, halfExponent), ...tiledDispatches(tiled, job)];
  },

  variants() {
    const granularity = granularityByName('row');
    const kind = (name: keyof typeof formats) => ({ granularity, format: formats[name] });
    const base = { m: 1, n: 1, k: 1, a: kind('e4m3'), b: kind('e4m3'), c: undefined, out: 'f32' as const };
    const kinds = elementFormats
      .map((name): GemmProblem => ({ ...base, a: kind(name) }))
      .filter((problem) => unfitMatrix(problem) === undefined);
    const epilogues = [undefined, ...dtypes].flatMap((c) =>
      dtypes.map((out): GemmProblem => ({ ...base, c, out })),
    );
    const whole = { ...tiles[0], scaling: 'f32', parts: 1 } as const;
    return [
      ...[...kinds, ...epilogues, ...groupings.map((grouping) => ({ ...base, grouping }))].map((problem) =>
        halfShader(problem, whole, { unpacksSubnormals: true }),
      ),
      ...tiles.map((tile) =>
        halfShader(base, { ...tile, scaling: 'f16', parts: 2 }, { unpacksSubnormals: true }),
      ),
      halfShader(base, whole, { unpacksSubnormals: false }),
      halfShader({ ...base, b: { ...base.b, scaleTellsNaN: true } }, whole, { unpacksSubnormals: true }),
    ];
  },
};

function halfShader(
  problem: GemmProblem,
  { rows, cols, scaling, parts }: HalfTiling,
  { unpacksSubnormals }: Pick<Machine, 'unpacksSubnormals'>,
): Shader {
  const { a, b, c, out, grouping } = problem;
  const operands = operandsPart(a, b);
  const halves = halvesPart(scaling, unpacksSubnormals);
  const fetch = fetchRowPart(mayPassEnd(problem, depth));
  const fold = foldPart(problem, halfExponent);
  const epilogue = parts > 1 ? epiloguePart(undefined, 'f32') : epiloguePart(c, out);
  return {
    label: `gemm half ${rows}x${cols} ${a.format.name} x ${b.format.name} to ${out}`,
    files: [
      ...operands.files,
      ...halves.files,
      ...fetch.files,
      ...fold.files,
      ...placeFiles(grouping),
      ...epilogue.files,
      eightRowsWgsl,
      halfPairWgsl,
      halfWgsl,
    ],
    constants: {
      ...operands.constants,
      ...halves.constants,
      ...fetch.constants,
      ...fold.constants,
      ...epilogue.constants,
      TILE_ROWS: rows,
      TILE_COLS: cols,
      DEPTH: depth,
    },
    enables: ['f16'],
  };
}
