/** @file Quantising as a workload: f32 values in memory to codes and scales in memory. */

import type { Dispatch, Gpu } from '../src/gpu/gpu.js';
import { type GpuMatrix, GpuQuantizedMatrix } from '../src/gpu-matrix.js';
import { nativeArithmetic } from '../src/probe/native.js';
import { onePassDispatches, onePassFits } from '../src/quantize/one-pass.js';
import { chooseQuantization, type Quantization } from '../src/quantize/options.js';
import { quantize } from '../src/quantize/quantize.js';
import { quantizeDispatches, quantizeScratch } from '../src/quantize/quantize-gpu.js';
import { quantizedTraits } from '../src/quantize/traits.js';
import { caseBytes, type QuantizeCase } from './cases.js';
import { randomOnGpu } from './random.js';
import { type Band, readBand, readQuantizedBand, sampleBands } from './sample.js';
import { type Disposable, makeSets, owning, setCount, type Workload } from './workload.js';

/** Codes and scales to be, noted in `owned`, and the dispatches that quantise `source` into them. */
export async function quantizing(
  gpu: Gpu,
  source: GpuMatrix,
  quantization: Quantization,
  owned: Disposable[],
): Promise<{ readonly target: GpuQuantizedMatrix; readonly dispatches: Dispatch[] }> {
  const { rows, cols } = source;
  const native = onePassFits(quantization) ? await nativeArithmetic(gpu) : undefined;
  return gpu.guard('making room for codes and scales', async () => {
    const { format, granularity } = quantization;
    const traits = quantizedTraits(quantization);
    const target = GpuQuantizedMatrix.create(gpu, rows, cols, format, granularity, 'quantised', traits);
    owned.push(target);
    if (native) return { target, dispatches: onePassDispatches(source, target, quantization, native) };
    const scratch = quantizeScratch(gpu, target);
    owned.push({
      dispose() {
        scratch.amax.destroy();
        scratch.factors.destroy();
      },
    });
    return { target, dispatches: quantizeDispatches(source, target, scratch, quantization) };
  });
}

/**
 * Quantises random matrices. The check quantises some rows on the CPU and compares codes and scales as bits.
 * @throws OutOfMemoryError, UnsupportedError if a buffer would be too large
 */
export async function quantizeWorkload(gpu: Gpu, one: QuantizeCase, seed: number): Promise<Workload> {
  const { rows, cols, format, granularity } = one;
  const quantization = chooseQuantization({ format, granularity });
  const sets = await makeSets(gpu, setCount(gpu, caseBytes(one)), (index) =>
    owning(async (owned) => {
      const source = await randomOnGpu(gpu, rows, cols, seed + index);
      owned.push(source);
      return { source, ...(await quantizing(gpu, source, quantization, owned)) };
    }),
  );
  return {
    rotation: sets.rotation,
    async check() {
      const { source, target, dispatches } = sets.first;
      await gpu.run('quantising', dispatches);
      const { tileRows } = quantization.granularity;
      for (const band of sampleBands(rows, 8, seed).map((part) => wholeTiles(part, tileRows, rows))) {
        const expected = quantize(await readBand(gpu, source, band), { format, granularity });
        const actual = await readQuantizedBand(gpu, target, band);
        for (const part of ['codes', 'scales'] as const) {
          const wrong = expected[part].findIndex((value, i) => !Object.is(value, actual[part][i]));
          if (wrong >= 0)
            return {
              failure: `${part} of rows ${band.first} to ${band.first + band.count - 1}: value ${wrong} is ${actual[part][wrong]}, not ${expected[part][wrong]}`,
            };
        }
      }
      return {};
    },
    dispose: sets.dispose,
  };
}

/** A band grown to whole tiles, because a scale follows from all of its tile. */
function wholeTiles(band: Band, tileRows: number, rows: number): Band {
  if (tileRows === 1) return band;
  const first = tileRows === Infinity ? 0 : Math.floor(band.first / tileRows) * tileRows;
  return { first, count: Math.min(tileRows, rows - first) };
}
