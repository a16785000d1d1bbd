/** @file Products of several groups as a workload: random operands, and each group's product checked by itself. */

import { formats } from '../src/format/formats.js';
import { checkGemm } from '../src/gemm/check.js';
import { planGemm } from '../src/gemm/gemm.js';
import { type Groups, groupedProblem, placement } from '../src/gemm/grouped.js';
import { kernelByName } from '../src/gemm/registry.js';
import type { Gpu } from '../src/gpu/gpu.js';
import { GpuMatrix, GpuQuantizedMatrix } from '../src/gpu-matrix.js';
import { type GranularityName, granularityByName } from '../src/quantize/granularity.js';
import { chooseQuantization } from '../src/quantize/options.js';
import { QuantizedMatrix } from '../src/quantize/quantized-matrix.js';
import { quantizedTraits } from '../src/quantize/traits.js';
import { calcDiff, maxOverRms } from '../src/report/metrics.js';
import { caseBytes, type GroupedCase, groupSizes } from './cases.js';
import { columns, randomOperand } from './gemm.js';
import { type Band, readBand, readQuantizedBand, sampleBands } from './sample.js';
import { type Disposable, makeSets, owning, type Quality, setCount, type Workload } from './workload.js';

/** Bands of rows of each operand whose products are checked, in each group that is. */
const bands = 4;
/** Groups that are checked: the first ones and the last. */
const mostGroups = 4;
/** f32 bytes of random values that are quantised at once. */
const mostBytes = 2 ** 30;

/**
 * Multiplies random data group by group in one dispatch, by the best kernel that can. The check compares outputs of
 * several groups with the exact products of the same codes and scales.
 * @throws OutOfMemoryError, UnsupportedError if a buffer would be too large or no kernel can run
 */
export async function groupedWorkload(gpu: Gpu, one: GroupedCase, seed: number): Promise<Workload> {
  const { grouping, groups: count, capacity, n, other, out } = one;
  const sizes = groupSizes(one);
  const alongK = grouping === 'k';
  const [rowsOfA, rowsOfB, k] = alongK ? [other, n, count * capacity] : [count * capacity, count * n, other];
  const rowsOfD = alongK ? count * other : rowsOfA;
  const sets = await makeSets(gpu, setCount(gpu, caseBytes(one)), (index) =>
    owning(async (owned) => {
      // Seeds of slabs lie between those of the sets.
      const a = await slabs(gpu, rowsOfA, k, '1x128', seed + 128 * index, owned);
      const b = await slabs(gpu, rowsOfB, k, alongK ? '1x128' : '128x128', seed + 128 * index + 64, owned);
      const d = await gpu.guard('making room for products', async () =>
        GpuMatrix.create(gpu, rowsOfD, n, out),
      );
      owned.push(d);
      const keep = (buffer: GPUBuffer) => {
        owned.push({ dispose: () => buffer.destroy() });
        return buffer;
      };
      const groups: Groups =
        grouping === 'masked'
          ? {
              kind: 'masked',
              groups: count,
              capacity,
              counts: keep(gpu.upload('counts', Uint32Array.from(sizes))),
            }
          : { kind: grouping, sizes };
      const problem = groupedProblem(a, b, groups, out);
      const plan = await planGemm(gpu, problem);
      const placed = placement(gpu, problem, groups, Number(plan.tiling.rows));
      if (groups.kind !== 'masked') keep(placed.buffer);
      const scratch = await gpu.allocate(
        'making room between dispatches',
        plan.scratchBytes.map((bytes) => () => gpu.buffer('scratch of products', bytes)),
      );
      for (const buffer of scratch) keep(buffer);
      const dispatches = plan.dispatches({ a, b, d }, scratch, undefined, placed);
      return { a, b, d, kernel: plan.kernel.name, dispatches };
    }),
  );
  return {
    rotation: sets.rotation,
    async check() {
      await gpu.run('multiplying groups', sets.first.dispatches);
      return checkGroups(gpu, one, sets.first, seed);
    },
    dispose: sets.dispose,
  };
}

/** A random matrix, quantised slab by slab of its rows: its values in f32 may be more than a buffer can hold. */
async function slabs(
  gpu: Gpu,
  rows: number,
  cols: number,
  granularity: GranularityName,
  seed: number,
  owned: Disposable[],
): Promise<GpuQuantizedMatrix> {
  const tiles = granularityByName(granularity);
  const traits = quantizedTraits(chooseQuantization({ format: 'e4m3', granularity }));
  const whole = await gpu.guard('making room for codes and scales', async () =>
    GpuQuantizedMatrix.create(gpu, rows, cols, formats.e4m3, tiles, 'slabs', traits),
  );
  owned.push(whole);
  const most = Math.max(128, Math.floor(mostBytes / (4 * cols) / 128) * 128);
  for (let first = 0; first < rows; first += most) {
    const count = Math.min(most, rows - first);
    const slab = await randomOperand(gpu, count, cols, { granularity }, 'normal', seed + first / most);
    gpu.copy(slab.codes, whole.codes, count * slab.wordPitch * 4, first * slab.wordPitch * 4);
    const scaleBytes = slab.scaleCols * 4;
    gpu.copy(slab.scales, whole.scales, slab.scaleRows * scaleBytes, (first / tiles.tileRows) * scaleBytes);
    slab.dispose();
  }
  return whole;
}

interface GroupedProduct {
  readonly a: GpuQuantizedMatrix;
  readonly b: GpuQuantizedMatrix;
  readonly d: GpuMatrix;
  readonly kernel: string;
}

async function checkGroups(
  gpu: Gpu,
  one: GroupedCase,
  { a, b, d, kernel }: GroupedProduct,
  seed: number,
): Promise<Quality> {
  const { grouping, groups, capacity, n, other } = one;
  const { errorBound } = kernelByName(kernel);
  const sizes = groupSizes(one);
  const values: number[] = [];
  const exact: number[] = [];
  const some = [...Array(groups).keys()].filter((group) => group < mostGroups - 1 || group === groups - 1);
  for (const group of some) {
    const alongK = grouping === 'k';
    // Where the group lies: its rows of A and of D, its rows of B, its part of K.
    const rows = alongK ? other : (sizes[group] as number);
    const [firstOfA, firstOfB] = alongK ? [0, 0] : [group * capacity, group * n];
    const firstOfD = alongK ? group * other : firstOfA;
    const part = (source: QuantizedMatrix) =>
      alongK ? columnsOf(source, group * capacity, sizes[group] as number) : source;
    if (rows === 0) continue;
    for (const band of sampleBands(rows, bands, seed + group)) {
      const partOfA = part(await readQuantizedBand(gpu, a, from(firstOfA, band)));
      const rowsOfD = await readBand(gpu, d, from(firstOfD, band));
      for (const bandOfB of sampleBands(n, bands, seed + group + 1)) {
        const partOfB = part(await readQuantizedBand(gpu, b, from(firstOfB, bandOfB)));
        const { checked, wrong } = checkGemm(partOfA, partOfB, columns(rowsOfD, bandOfB), { errorBound });
        const [mistake] = wrong;
        if (mistake)
          return {
            failure: `D(${band.first + mistake.row}, ${bandOfB.first + mistake.col}) of group ${group} is ${mistake.value}, not ${mistake.exact} ± ${mistake.bound.toPrecision(3)}`,
          };
        values.push(...checked.map((output) => output.value));
        exact.push(...checked.map((output) => output.exact));
      }
    }
  }
  return { error: maxOverRms(values, exact), calcDiff: calcDiff(values, exact) };
}

function from(first: number, band: Band): Band {
  return { ...band, first: first + band.first };
}

/** Whole tiles of a matrix with 1×128 tiles: `count` columns from `first` on. */
function columnsOf(source: QuantizedMatrix, first: number, count: number): QuantizedMatrix {
  const { rows, cols, format, granularity, scaleCols } = source;
  const tiles = count / granularity.tileCols;
  const codes = new Uint8Array(rows * count);
  const scales = new Float32Array(rows * tiles);
  for (let row = 0; row < rows; row++) {
    codes.set(source.codes.subarray(row * cols + first, row * cols + first + count), row * count);
    const at = row * scaleCols + first / granularity.tileCols;
    scales.set(source.scales.subarray(at, at + tiles), row * tiles);
  }
  return new QuantizedMatrix(rows, count, format, granularity, codes, scales);
}
