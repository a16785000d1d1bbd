import { afterEach, describe, expect, test, vi } from 'vitest';
import { ArgumentError, DisposedError } from '../../src/errors.js';
import type { Format } from '../../src/format/format.js';
import { type FormatName, formats } from '../../src/format/formats.js';
import { unpack } from '../../src/format/pack.js';
import { GpuMatrix, GpuQuantizedMatrix } from '../../src/gpu-matrix.js';
import { type Dtype, dtypes, type Matrix, matrix, toFloat32 } from '../../src/matrix.js';
import { dialectNames } from '../../src/quantize/dialect.js';
import { columnGranularityNames, granularityNames } from '../../src/quantize/granularity.js';
import { chooseQuantization, type QuantizeOptions } from '../../src/quantize/options.js';
import { quantize } from '../../src/quantize/quantize.js';
import { quantizeDispatches, quantizeOnGpu, quantizeScratch } from '../../src/quantize/quantize-gpu.js';
import { openTestGpu } from '../adapter.js';
import { awkward, type Kind, kinds, scalings } from './data.js';
import { difference } from './differences.js';

const gpu = await openTestGpu();

/**
 * Quantises one matrix in many ways; each gives the first difference between GPU and oracle. The oracle gets the
 * values as f32, widened once for all.
 */
function comparison(source: Matrix): (options: QuantizeOptions) => Promise<string | undefined> {
  const widened = matrix(source.rows, source.cols, toFloat32(source));
  return async (options) => {
    using onGpu = GpuMatrix.upload(gpu, source);
    using result = await quantizeOnGpu(gpu, onGpu, options);
    return difference(await result.read(), quantize(widened, options));
  };
}

for (const granularity of granularityNames)
  describe(`granularity ${granularity}`, () => {
    const mine = scalings.filter((scaling) => scaling.granularity === granularity);

    const shapes: [number, number, Dtype, Kind][] = [
      [300, 303, 'bf16', 'ordinary'],
      [129, 257, 'f32', 'finite'],
      [131, 257, 'f16', 'special'],
      [5, 128, 'f32', 'infinite'],
      [1, 1, 'f32', 'infinite'],
      [1, 1, 'f32', 'special'],
      [1, 1, 'bf16', 'ordinary'],
    ];
    for (const [rows, cols, dtype, kind] of shapes)
      test(`${rows}x${cols} ${kind} ${dtype}: GPU equals oracle in every dialect`, async () => {
        const compare = comparison(awkward(rows, cols, dtype, kind));
        for (const scaling of mine)
          expect(await compare({ ...scaling, format: 'e4m3' }), JSON.stringify(scaling)).toBeUndefined();
      });
  });

for (const granularity of columnGranularityNames)
  test(`${granularity}: GPU equals oracle in every dialect and input type`, async () => {
    const fitting = granularity === '32x1' ? dialectNames : dialectNames.filter((name) => name !== 'mx');
    for (const [i, dialect] of fitting.entries()) {
      const [dtype, kind] = [dtypes[i % 3] as Dtype, kinds[i % 4] as Kind];
      const different = await comparison(awkward(131, 37, dtype, kind))({ granularity, dialect });
      expect(different, `${dialect} ${dtype} ${kind}`).toBeUndefined();
    }
  });

test('tiles of any width, that share a chunk and that straddle two', async () => {
  for (const [tileRows, tileCols] of [
    [1, 16],
    [3, 48],
    [Infinity, 5],
  ] as const) {
    const granularity = { name: 'own', tileRows, tileCols, scaleFormat: 'f32' } as const;
    const different = await comparison(awkward(7, 161, 'f32', 'ordinary'))({ granularity });
    expect(different, `${tileRows}x${tileCols}`).toBeUndefined();
  }
});

/** A small matrix of every kind and input type. */
const small = dtypes.map((dtype) => kinds.map((kind) => comparison(awkward(6, 161, dtype, kind))));

const elements: readonly FormatName[] = ['e4m3', 'e5m2', 'e5m6', 'e3m2', 'e2m3', 'e2m1', 'e4m3fnuz', 'f16'];
for (const [f, format] of elements.entries())
  test(`${format}: GPU equals oracle for every granularity, dialect and input type`, async () => {
    // The kinds of matrices take turns from format to format: four formats bring all four to each scaling and
    // each input type.
    for (const [i, scaling] of scalings.entries())
      for (const [j, dtype] of dtypes.entries()) {
        const n = (f + i + j) % kinds.length;
        const different = await small[j]?.[n]?.({ ...scaling, format });
        expect(different, `${JSON.stringify(scaling)} ${dtype} ${kinds[n]}`).toBeUndefined();
      }
  });

test('bf16 keeps its own range where the dialect divides', async () => {
  for (const dialect of ['deepseek', 'ieee'] as const)
    expect(await small[0]?.[1]?.({ format: 'bf16', dialect })).toBeUndefined();
});

test("a format of the user's own, its largest value below 2, has no scale beyond 2^127", async () => {
  const format: Format = { ...formats.e2m1, name: 'e2m1 of bias 3', bias: 3 };
  const source = matrix(1, 3, Float32Array.of(3.4e38, 1e38, -3e38));
  const options: QuantizeOptions = { format, dialect: 'ieee', powerOfTwo: true };
  expect([...quantize(source, options).scales]).toEqual([2 ** 127]);
  expect(await comparison(source)(options)).toBeUndefined();
});

test("a format of the user's own, all of its values below 2^-19, takes the exponent of a subnormal", async () => {
  const format: Format = { ...formats.e2m1, name: 'e2m1 of bias 23', bias: 23 };
  const options: QuantizeOptions = { format, granularity: '1x32', dialect: 'mx' };
  for (const exponent of [-149, -148, -135, -127, -126, -125]) {
    const source = matrix(1, 3, Float32Array.of(2 ** exponent, 0, -(2 ** exponent)));
    // The largest value is 1.5 · 2^-20.
    expect([...quantize(source, options).scales]).toEqual([Math.max(exponent + 20 + 127, 0)]);
    expect(await comparison(source)(options)).toBeUndefined();
  }
});

test('the same dispatches run again quantise what the source holds then', async () => {
  const [first, second] = [awkward(9, 200, 'f32', 'special'), awkward(9, 200, 'f32', 'ordinary', 2)];
  const quantization = chooseQuantization({ granularity: '128x128' });
  using source = GpuMatrix.upload(gpu, first);
  using next = GpuMatrix.upload(gpu, second);
  using target = GpuQuantizedMatrix.create(gpu, 9, 200, quantization.format, quantization.granularity);
  const scratch = quantizeScratch(gpu, target);
  const prepared = await gpu.prepare(quantizeDispatches(source, target, scratch, quantization));
  gpu.submit(prepared.dispatches);
  const encoder = gpu.device.createCommandEncoder();
  encoder.copyBufferToBuffer(next.buffer, 0, source.buffer, 0, source.buffer.size);
  gpu.device.queue.submit([encoder.finish()]);
  gpu.submit(prepared.dispatches);
  expect(difference(await target.read(), quantize(second, { granularity: '128x128' }))).toBeUndefined();
  prepared.destroy();
  for (const buffer of Object.values(scratch)) buffer.destroy();
});

test('padding codes are written as zero, whatever was there', async () => {
  for (const format of ['e4m3', 'e5m6', 'e2m3', 'e2m1'] as const) {
    const quantization = chooseQuantization({ format });
    using source = GpuMatrix.upload(gpu, awkward(3, 150, 'bf16', 'ordinary'));
    using target = GpuQuantizedMatrix.create(gpu, 3, 150, quantization.format, quantization.granularity);
    const words = 3 * target.wordPitch;
    gpu.write(target.codes, new Uint32Array(words).fill(0xffffffff));
    const scratch = quantizeScratch(gpu, target);
    await gpu.run('quantising', quantizeDispatches(source, target, scratch, quantization));
    const packed = new Uint32Array(await gpu.read(target.codes, words * 4));
    const codes = unpack(quantization.format, packed, 3 * target.pitch);
    for (let row = 0; row < 3; row++) {
      const padding = codes.subarray(row * target.pitch + 150, (row + 1) * target.pitch);
      expect(padding.length).toBe(106);
      expect(new Set(padding)).toEqual(new Set([0]));
    }
    for (const buffer of Object.values(scratch)) buffer.destroy();
  }
});

test('work cut into several dispatches and folded grids gives the same bits', async () => {
  const matrix = awkward(70, 300, 'f32', 'ordinary');
  const quantization = chooseQuantization({ granularity: '1x32' });
  using source = GpuMatrix.upload(gpu, matrix);
  using target = GpuQuantizedMatrix.create(gpu, 70, 300, quantization.format, quantization.granularity);
  const scratch = quantizeScratch(gpu, target);
  const dispatches = quantizeDispatches(source, target, scratch, quantization).flatMap((whole) => {
    const [first = 0, end = 0, ...rest] = whole.params ?? [];
    const middle = first + 77;
    const part = (from: number, to: number) => ({
      ...whole,
      params: [from, to, ...rest],
      workgroups: [Math.ceil((to - from) / 64 / 2), 2, 1] as const,
    });
    return [part(first, middle), part(middle, end)];
  });
  expect(dispatches.length).toBe(6);
  await gpu.run('parts', dispatches);
  expect(difference(await target.read(), quantize(matrix, { granularity: '1x32' }))).toBeUndefined();
  for (const buffer of Object.values(scratch)) buffer.destroy();
});

describe('what is refused', () => {
  const source = GpuMatrix.upload(gpu, awkward(4, 64, 'f32', 'ordinary'));
  afterEach(() => {
    vi.restoreAllMocks();
  });

  const own = { name: 'own', tileRows: 1, scaleFormat: 'f32' } as const;
  const bad: [string, QuantizeOptions, string][] = [
    ['a scale format', { format: 'e8m0' }, 'format is "e8m0"'],
    ['an unknown format', { format: 'e9m9' as 'e4m3' }, 'format is "e9m9"'],
    ['an unknown granularity', { granularity: '2x2' as '1x32' }, 'granularity is "2x2"'],
    ['an unknown dialect', { dialect: 'cublas' as 'mx' }, 'dialect is "cublas"'],
    ['mx with f32 scales', { dialect: 'mx' }, 'dialect is "mx"'],
    [
      'e8m0 scales that are no powers of two',
      { granularity: '1x32', powerOfTwo: false },
      'powerOfTwo is false',
    ],
    ['inverse scales beyond f32', { format: 'bf16', dialect: 'deepgemm' }, 'format is "bf16"'],
    ['max / amax beyond f32', { format: 'bf16', dialect: 'reciprocal' }, 'format is "bf16"'],
    ['a tile without columns', { granularity: { ...own, tileCols: 0 } }, 'granularity.tileCols is 0'],
  ];
  for (const [what, options, message] of bad)
    test(`${what}, before anything is allocated`, async () => {
      const allocate = vi.spyOn(gpu, 'buffer');
      const refusal = quantizeOnGpu(gpu, source, options);
      await expect(refusal).rejects.toThrow(ArgumentError);
      await expect(refusal).rejects.toThrow(message);
      expect(allocate).not.toHaveBeenCalled();
    });

  test('a source that has been disposed of', async () => {
    const gone = GpuMatrix.upload(gpu, awkward(1, 1, 'f32', 'ordinary'));
    gone.dispose();
    await expect(quantizeOnGpu(gpu, gone, {})).rejects.toThrow(DisposedError);
  });

  test('a source on another device', async () => {
    const other = await openTestGpu('null');
    await expect(quantizeOnGpu(other, source, {})).rejects.toThrow(
      'source is GpuMatrix; allowed: a matrix on',
    );
  });

  test.each([
    ['1x128', 2],
    ['row', 4],
  ] as const)('nothing stays allocated when a step fails: %s', async (granularity, count) => {
    const allocate = vi.spyOn(gpu, 'buffer');
    vi.spyOn(gpu, 'run').mockRejectedValueOnce(new Error('out of luck'));
    await expect(quantizeOnGpu(gpu, source, { granularity })).rejects.toThrow('out of luck');
    const buffers = allocate.mock.results.map(({ value }) => value as GPUBuffer);
    expect(buffers.length).toBe(count);
    // A destroyed buffer cannot be copied from.
    for (const buffer of buffers) await expect(gpu.read(buffer)).rejects.toThrow('destroyed');
  });
});
