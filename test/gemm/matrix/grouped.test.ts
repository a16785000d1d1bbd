import { describe, expect, test } from 'vitest';
import { type Groups, placement } from '../../../src/gemm/grouped.js';
import {
  type HostGroups,
  hostGroupedProblem,
  referenceGroupedGemm,
} from '../../../src/gemm/grouped-reference.js';
import type { Kernel } from '../../../src/gemm/kernel.js';
import { matrix } from '../../../src/gemm/matrix/folded.js';
import { matrixHalf } from '../../../src/gemm/matrix/half-sums.js';
import { matrixPromoted } from '../../../src/gemm/matrix/promoted.js';
import type { MatrixTiling } from '../../../src/gemm/matrix/tile.js';
import { passes } from '../../../src/gemm/matrix/tilings.js';
import { GpuMatrix, GpuQuantizedMatrix } from '../../../src/gpu-matrix.js';
import { type Matrix, toFloat32 } from '../../../src/matrix.js';
import type { QuantizedMatrix } from '../../../src/quantize/quantized-matrix.js';
import { openTestGpu } from '../../adapter.js';
import { inSoftware } from '../in-software.js';
import { f16Units, machineWith, matrixTiling } from '../matrix-machine.js';
import { randomOperand } from '../operands.js';

const gpu = await openTestGpu();

/** A problem that folding cannot compute. */
function groupedAlongK() {
  const [a, b] = [randomOperand(4, 64, { granularity: 'row' }), randomOperand(4, 64, { granularity: 'row' })];
  return hostGroupedProblem(a, b, { kind: 'k', sizes: [32, 32] }, 'f32');
}

/** A grouped product, in tiles of 32 x 32 unless told otherwise. */
async function multiplyGroups(
  kernel: Kernel,
  [a, b]: readonly [QuantizedMatrix, QuantizedMatrix],
  groups: HostGroups,
  decode: MatrixTiling['decode'],
  tile: Partial<MatrixTiling> = {},
  constants: Record<string, unknown>[] = [],
): Promise<Matrix> {
  const problem = hostGroupedProblem(a, b, groups, 'f32');
  const machine = await machineWith(gpu, f16Units);
  const counts = gpu.upload('counts', Uint32Array.from(groups.kind === 'masked' ? groups.counts : [0]));
  const onGpu: Groups =
    groups.kind === 'masked' ? { ...groups, groups: groups.counts.length, counts } : groups;
  const matrices = {
    a: GpuQuantizedMatrix.upload(gpu, a),
    b: GpuQuantizedMatrix.upload(gpu, b),
    d: GpuMatrix.create(gpu, a.rows * (groups.kind === 'k' ? groups.sizes.length : 1), problem.n, 'f32'),
  };
  const tiling = { ...matrixTiling, ...tile, decode };
  const scratch = (kernel.scratchBytes?.(problem, tiling) ?? []).map((bytes) => gpu.buffer('scratch', bytes));
  const placed = placement(gpu, problem, onGpu, tiling.rows);
  const job = { problem, matrices, machine, tiling, scratch, groups: placed, operationsPerDispatch: 1e9 };
  try {
    await gpu.run(
      'multiplying groups',
      kernel.dispatches(job).map((dispatch) => {
        constants.push(dispatch.shader.constants);
        return { ...dispatch, shader: inSoftware(dispatch.shader) };
      }),
    );
    return await matrices.d.read();
  } finally {
    for (const one of Object.values(matrices)) one.dispose();
    for (const buffer of [...scratch, counts, placed.buffer]) buffer.destroy();
  }
}

test('matrix-half, rows of uneven groups', async () => {
  const small = { values: (value: number) => Number.isInteger(value) && Math.abs(value) <= 4, spread: 0 };
  const a = randomOperand(46, 150, { ...small, granularity: 'row' });
  const b = randomOperand(3 * 20, 150, { ...small, granularity: 'row', seed: 2 });
  const groups = { kind: 'rows', sizes: [37, 0, 9] } as const;
  const d = await multiplyGroups(matrixHalf, [a, b], groups, 'pass-a');
  expect(toFloat32(d)).toEqual(toFloat32(referenceGroupedGemm(a, b, groups)));
});

describe.each([matrix, matrixPromoted])('$name, grouped, in software', (kernel) => {
  const small = { values: (value: number) => Number.isInteger(value) && Math.abs(value) <= 8, spread: 0 };
  const k = 150;
  const n = 20;
  const b = randomOperand(3 * n, k, { ...small, granularity: 'row', seed: 2 });

  test.each(['inline', ...passes] as const)('rows of uneven groups, codes decoded %s', async (decode) => {
    const sizes = [37, 0, 9];
    const a = randomOperand(46, k, { ...small, granularity: 'row' });
    const groups = { kind: 'rows', sizes } as const;
    const d = await multiplyGroups(kernel, [a, b], groups, decode);
    expect(toFloat32(d)).toEqual(toFloat32(referenceGroupedGemm(a, b, groups)));
  });

  test('more rows of tiles than a panel, over two columns of tiles', async () => {
    // 18 rows of tiles in groups, in a panel of 16 and one of two.
    const sizes = [300, 0, 40, 180];
    const wide = 40;
    const a = randomOperand(520, 32, { ...small, granularity: 'row' });
    const weights = randomOperand(4 * wide, 32, { ...small, granularity: 'row', seed: 3 });
    const groups = { kind: 'rows', sizes } as const;
    const d = await multiplyGroups(kernel, [a, weights], groups, 'pass');
    expect(toFloat32(d)).toEqual(toFloat32(referenceGroupedGemm(a, weights, groups)));
  });

  test.each(['row', '128x128'] as const)('steps in pairs, B in %s', async (granularity) => {
    const pair = { rows: 16, cols: 16, unitRows: 8, unitCols: 8, depth: 64 };
    const a = randomOperand(14, 256, { ...small, granularity: 'row' });
    const ofB = { ...small, granularity, spread: 2, powersOfTwo: true, seed: 5 };
    const weights = randomOperand(3 * 128, 256, ofB);
    const groups = { kind: 'rows', sizes: [5, 0, 9] } as const;
    const seen: Record<string, unknown>[] = [];
    const d = await multiplyGroups(kernel, [a, weights], groups, 'inline', pair, seen);
    expect(toFloat32(d)).toEqual(toFloat32(referenceGroupedGemm(a, weights, groups)));
    const { IN_PAIRS, ONE_FACTOR } = seen.at(-1) ?? {};
    expect({ IN_PAIRS, ONE_FACTOR }).toEqual({ IN_PAIRS: true, ONE_FACTOR: granularity === '128x128' });
  });

  test('columns of a tile that share a scale of B, which differs by group', async () => {
    const sizes = [5, 0, 9];
    const a = randomOperand(14, 130, { ...small, granularity: 'row' });
    const blocks = randomOperand(3 * 128, 130, {
      ...small,
      granularity: '128x128',
      spread: 2,
      powersOfTwo: true,
      seed: 5,
    });
    const groups = { kind: 'rows', sizes } as const;
    const d = await multiplyGroups(kernel, [a, blocks], groups, 'inline');
    expect(toFloat32(d)).toEqual(toFloat32(referenceGroupedGemm(a, blocks, groups)));
  });

  test.each(['inline', ...passes] as const)(
    'groups along K that end inside a step, codes decoded %s',
    async (decode) => {
      if (kernel === matrix) return expect(matrix.unfit(groupedAlongK())).toMatch(/groups along K/);
      const sizes = [48, 0, 16, 80];
      const [a, b] = [33, 20].map((rows) =>
        randomOperand(rows, 144, { ...small, granularity: 'row', seed: rows }),
      );
      const groups = { kind: 'k', sizes } as const;
      const operands = [a, b] as [QuantizedMatrix, QuantizedMatrix];
      const d = await multiplyGroups(kernel, operands, groups, decode);
      expect(toFloat32(d)).toEqual(toFloat32(referenceGroupedGemm(...operands, groups)));
    },
  );

  test.each(['inline', ...passes] as const)('masked groups, codes decoded %s', async (decode) => {
    const a = randomOperand(3 * 33, k, { ...small, granularity: 'row' });
    const counts = [33, 0, 5];
    const d = toFloat32(
      await multiplyGroups(kernel, [a, b], { kind: 'masked', counts, capacity: 33 }, decode),
    );
    const wanted = toFloat32(referenceGroupedGemm(a, b, { kind: 'masked', counts, capacity: 33 }));
    for (const [group, count] of counts.entries()) {
      const range = [group * 33 * n, (group * 33 + count) * n] as const;
      expect(d.slice(...range)).toEqual(wanted.slice(...range));
    }
  });
});
