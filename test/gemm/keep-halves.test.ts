import { afterEach, describe, expect, test, vi } from 'vitest';
import { Context } from '../../src/context.js';
import { ArgumentError, DisposedError, UnsupportedError } from '../../src/errors.js';
import { type Groups, placement } from '../../src/gemm/grouped.js';
import { halvesBytes, makeHalves } from '../../src/gemm/keep-halves.js';
import { matrix } from '../../src/gemm/matrix/folded.js';
import type { Keeper } from '../../src/gemm/matrix/keepers.js';
import { matrixPromoted } from '../../src/gemm/matrix/promoted.js';
import type { MatrixTiling } from '../../src/gemm/matrix/tile.js';
import { type GemmProblem, gemmProblem, rowsOfD } from '../../src/gemm/problem.js';
import { GpuMatrix, GpuQuantizedMatrix } from '../../src/gpu-matrix.js';
import { toFloat32Bits } from '../../src/matrix.js';
import { transpose } from '../../src/quantize/transpose.js';
import { openTestGpu } from '../adapter.js';
import { inSoftware } from './in-software.js';
import { f16Units, h100, machineWith, matrixTiling } from './matrix-machine.js';
import { randomOperand } from './operands.js';

const gpu = await openTestGpu();
const machine = await machineWith(gpu, f16Units);
const tiling: MatrixTiling = { ...matrixTiling, decode: 'pass' };

afterEach(() => {
  vi.restoreAllMocks();
});

/** Keeps a matrix's halves, as keepHalves() does where there are matrix units. */
const keep = (b: GpuQuantizedMatrix, kernel: Keeper) => makeHalves(gpu, b, kernel, machine);

interface Product {
  readonly bits: Uint32Array;
  /** Bytes between the dispatches. */
  readonly scratch: number;
}

async function multiply(
  kernel: typeof matrix,
  a: GpuQuantizedMatrix,
  b: GpuQuantizedMatrix,
  { problem = gemmProblem(a, b, undefined, 'f32'), groups }: { problem?: GemmProblem; groups?: Groups } = {},
): Promise<Product> {
  const d = GpuMatrix.create(gpu, rowsOfD(problem), problem.n, 'f32');
  const bytes = kernel.scratchBytes?.(problem, tiling) ?? [];
  const scratch = bytes.map((size) => gpu.buffer('scratch', size));
  const placed = groups && placement(gpu, problem, groups, tiling.rows);
  try {
    const dispatches = kernel.dispatches({
      ...{ problem, matrices: { a, b, d }, machine, tiling, scratch, operationsPerDispatch: 1e9 },
      ...(placed && { groups: placed }),
    });
    await gpu.run(
      'multiplying',
      dispatches.map((dispatch) => ({ ...dispatch, shader: inSoftware(dispatch.shader) })),
    );
    const bits = toFloat32Bits(await d.read());
    return { bits, scratch: bytes.reduce((sum, one) => sum + one, 0) };
  } finally {
    d.dispose();
    placed?.buffer.destroy();
    for (const buffer of scratch) buffer.destroy();
  }
}

describe.each([
  ['matrix', matrix],
  ['matrix-promoted', matrixPromoted],
] as const)('%s', (name, kernel) => {
  test.each([
    [33, 50, 300],
    [5, 129, 128],
  ])('%d x %d x %d with kept halves has the bits of halves made by its pass', async (m, n, k) => {
    const a = GpuQuantizedMatrix.upload(gpu, randomOperand(m, k));
    const b = GpuQuantizedMatrix.upload(gpu, randomOperand(n, k, { granularity: '128x128', seed: 2 }));
    const made = await multiply(kernel, a, b);
    await keep(b, name);
    const kept = await multiply(kernel, a, b);
    expect(kept.bits).toEqual(made.bits);
    expect(new Set(kept.bits).size).toBeGreaterThan(m);
    // The pass has no room for halves of B any more, so that it cannot have made them.
    expect(made.scratch - kept.scratch).toBe(halvesBytes(b));
    b.dropHalves();
    expect(await multiply(kernel, a, b)).toEqual(made);
    for (const one of [a, b]) one.dispose();
  });

  test('those of another kernel are left alone', async () => {
    const a = GpuQuantizedMatrix.upload(gpu, randomOperand(5, 128));
    const b = GpuQuantizedMatrix.upload(gpu, randomOperand(6, 128, { granularity: '128x128', seed: 2 }));
    const made = await multiply(kernel, a, b);
    await keep(b, name === 'matrix' ? 'matrix-promoted' : 'matrix');
    expect(await multiply(kernel, a, b)).toEqual(made);
    for (const one of [a, b]) one.dispose();
  });

  test('a product planned with them does not run without', async () => {
    const a = GpuQuantizedMatrix.upload(gpu, randomOperand(5, 128));
    const b = GpuQuantizedMatrix.upload(gpu, randomOperand(6, 128, { granularity: '128x128', seed: 2 }));
    await keep(b, name);
    const problem = gemmProblem(a, b, undefined, 'f32');
    b.dropHalves();
    await expect(multiply(kernel, a, b, { problem })).rejects.toThrow(
      `b is GpuQuantizedMatrix; allowed: a matrix whose halves are kept for ${name}`,
    );
    for (const one of [a, b]) one.dispose();
  });

  test('masked groups', async () => {
    const a = GpuQuantizedMatrix.upload(gpu, randomOperand(3 * 40, 128));
    const b = GpuQuantizedMatrix.upload(gpu, randomOperand(3 * 32, 128, { granularity: '1x128', seed: 2 }));
    const problemOf = (): GemmProblem => ({
      ...gemmProblem(a, b, undefined, 'f32'),
      n: 32,
      grouping: { kind: 'masked', groups: 3, groupRows: 40 },
    });
    const groups = (): Groups => {
      const counts = gpu.upload('counts', Uint32Array.of(30, 0, 7));
      return { kind: 'masked', groups: 3, capacity: 40, counts };
    };
    const made = await multiply(kernel, a, b, { problem: problemOf(), groups: groups() });
    await keep(b, name);
    const kept = await multiply(kernel, a, b, { problem: problemOf(), groups: groups() });
    expect(kept.bits).toEqual(made.bits);
    expect(made.scratch - kept.scratch).toBe(halvesBytes(b));
    for (const one of [a, b]) one.dispose();
  });

  test.each([32, 40])('groups of rows by %d columns each', async (n) => {
    const sizes = [33, 0, 7];
    const a = GpuQuantizedMatrix.upload(gpu, randomOperand(40, 128));
    const b = GpuQuantizedMatrix.upload(gpu, randomOperand(3 * n, 128, { granularity: '1x128', seed: 2 }));
    const problemOf = (): GemmProblem => ({
      ...gemmProblem(a, b, undefined, 'f32'),
      n,
      grouping: { kind: 'rows', groups: 3 },
    });
    const groups: Groups = { kind: 'rows', sizes };
    const made = await multiply(kernel, a, b, { problem: problemOf(), groups });
    await keep(b, name);
    const kept = await multiply(kernel, a, b, { problem: problemOf(), groups });
    expect(kept.bits).toEqual(made.bits);
    // Rows of a group that begin within a chunk lie elsewhere: B is decoded as before.
    expect(made.scratch - kept.scratch).toBe(n % 16 === 0 ? halvesBytes(b) : 0);
    for (const one of [a, b]) one.dispose();
  });
});

describe('keepHalves', () => {
  const context = new Context(gpu);
  const b = GpuQuantizedMatrix.upload(gpu, randomOperand(6, 128));

  test('says what a device without matrix units lacks, and keeps nothing', async () => {
    const create = vi.spyOn(gpu.device, 'createBuffer');
    const failure = context.keepHalves(b);
    await expect(failure).rejects.toThrow(UnsupportedError);
    await expect(failure).rejects.toThrow('matrix-promoted has no halves to keep here: it needs');
    expect(create).not.toHaveBeenCalled();
    expect(b.kept).toBeUndefined();
  });

  describe('on a device that seems to have matrix units', async () => {
    // It compiles everything and computes nothing.
    const seeming = await openTestGpu('null');
    Object.defineProperty(seeming, 'machine', { value: h100 });
    Object.defineProperty(seeming, 'largestBuffer', { value: 2 ** 20 });
    const on = new Context(seeming);
    const weights = (rows: number, powersOfTwo: boolean) =>
      GpuQuantizedMatrix.upload(
        seeming,
        randomOperand(rows, 128, { granularity: '128x128', powersOfTwo, spread: powersOfTwo ? 1 : 0.9 }),
      );

    test.each([
      [false, undefined, 'matrix-promoted'],
      [true, undefined, 'matrix'],
      [true, 'auto', 'matrix'],
      [true, 'matrix-promoted', 'matrix-promoted'],
      [false, 'matrix', 'matrix'],
    ] as const)(
      'scales that are powers of two: %s, asked for %s: those of %s',
      async (powers, kernel, kept) => {
        using one = weights(40, powers);
        await on.keepHalves(one, kernel && { kernel });
        expect(one.kept).toBe(kept);
        expect(one.halves?.size).toBe(2 * 48 * 128);
        await on.keepHalves(one, kernel && { kernel });
        expect(one.kept).toBe(kept);
      },
    );

    test('none larger than a buffer may be', async () => {
      using one = weights(4097, false);
      const failure = on.keepHalves(one);
      await expect(failure).rejects.toThrow(UnsupportedError);
      await expect(failure).rejects.toThrow('halves of 4097x128 needs 1052672 bytes in one buffer');
      expect(one.kept).toBeUndefined();
    });

    test('none of another device', async () => {
      await expect(on.keepHalves(b)).rejects.toThrow(
        'b is GpuQuantizedMatrix; allowed: a matrix on this context',
      );
    });
  });

  test('names what is not allowed', async () => {
    await expect(context.keepHalves(b, { kernel: 'portable' as 'matrix' })).rejects.toThrow(
      'kernel is "portable"; allowed: auto, matrix, matrix-promoted',
    );
    await expect(context.keepHalves(b, { kernels: 'matrix' } as object)).rejects.toThrow(ArgumentError);
    await expect(context.keepHalves(randomOperand(6, 128) as never)).rejects.toThrow(ArgumentError);
    const gone = GpuQuantizedMatrix.upload(gpu, randomOperand(6, 128));
    gone.dispose();
    await expect(context.keepHalves(gone)).rejects.toThrow('b has been disposed of');
    const columns = GpuQuantizedMatrix.upload(gpu, transpose(randomOperand(128, 6)));
    await expect(context.keepHalves(columns)).rejects.toThrow(
      'b.granularity.tileCols is 1; allowed: a power of two of at least 16, or Infinity',
    );
    columns.dispose();
    const closed = new Context(await openTestGpu('null'));
    const left = await closed.upload(randomOperand(6, 128));
    closed.dispose();
    await expect(closed.keepHalves(left)).rejects.toThrow('has been disposed of; open() gives another');
  });

  test('leaves nothing behind when it fails', async () => {
    const one = GpuQuantizedMatrix.upload(gpu, randomOperand(6, 128));
    const buffers: GPUBuffer[] = [];
    const create = gpu.device.createBuffer.bind(gpu.device);
    vi.spyOn(gpu.device, 'createBuffer').mockImplementation((descriptor) => {
      const buffer = create(descriptor);
      vi.spyOn(buffer, 'destroy');
      buffers.push(buffer);
      return buffer;
    });
    vi.spyOn(gpu, 'submit').mockImplementation(() => {
      throw new Error('the driver is gone');
    });
    await expect(keep(one, 'matrix')).rejects.toThrow('the driver is gone');
    expect(buffers.length).toBeGreaterThan(2);
    for (const buffer of buffers) expect(buffer.destroy).toHaveBeenCalled();
    expect(one.kept).toBeUndefined();
    one.dispose();
  });

  test('keeps nothing after an error of the device that comes at the end', async () => {
    const one = GpuQuantizedMatrix.upload(gpu, randomOperand(6, 128));
    const guard = gpu.guard.bind(gpu);
    vi.spyOn(gpu, 'guard').mockImplementation(async (label, work) => {
      await guard(label, work);
      throw new Error('out of memory');
    });
    const dropped = vi.spyOn(one, 'dropHalves');
    await expect(keep(one, 'matrix')).rejects.toThrow('out of memory');
    // The first time in place of what was kept before.
    expect(dropped).toHaveBeenCalledTimes(2);
    expect(one.kept).toBeUndefined();
    one.dispose();
  });

  test('a matrix that is disposed of meanwhile gets none', async () => {
    const one = GpuQuantizedMatrix.upload(gpu, randomOperand(6, 128));
    const keeping = keep(one, 'matrix');
    one.dispose();
    await expect(keeping).rejects.toThrow('b has been disposed of');
    expect(one.halves).toBeUndefined();
    const buffer = gpu.buffer('halves', 16);
    expect(() => one.keep('matrix', buffer)).toThrow(DisposedError);
    buffer.destroy();
  });

  test('halves go with their matrix, and when others take their place', () => {
    const one = GpuQuantizedMatrix.upload(gpu, randomOperand(6, 128));
    const buffers = [1, 2].map(() => gpu.buffer('halves', 16));
    const destroyed = buffers.map((buffer) => vi.spyOn(buffer, 'destroy'));
    one.keep('matrix', buffers[0] as GPUBuffer);
    one.keep('matrix-promoted', buffers[1] as GPUBuffer);
    expect(destroyed.map(({ mock }) => mock.calls.length)).toEqual([1, 0]);
    expect(one.kept).toBe('matrix-promoted');
    one.dispose();
    expect(destroyed.map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
  });
});
