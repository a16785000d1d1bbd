import { describe, expect, test } from 'vitest';
import { GpuMatrix } from '../../src/gpu-matrix.js';
import { type Matrix, matrix } from '../../src/matrix.js';
import type { DialectName } from '../../src/quantize/dialect.js';
import { type QuantizeOptions, quantize } from '../../src/quantize/quantize.js';
import { quantizeOnGpu } from '../../src/quantize/quantize-gpu.js';
import type { QuantizedMatrix } from '../../src/quantize/quantized-matrix.js';
import { openTestGpu } from '../adapter.js';
import { goldenBytes } from '../golden.js';

/** Names, and order within the files: test/golden/quantize/README.md. */
const variants: [string, DialectName, boolean][] = [
  ['mul', 'deepgemm', false],
  ['div', 'deepseek', false],
  ['inv', 'reciprocal', false],
  ['mul-pow2', 'deepgemm', true],
  ['div-pow2', 'deepseek', true],
];

const inputs = [
  { name: 'x', rows: 64, cols: 1024, granularity: '1x128' },
  { name: 'w', rows: 256, cols: 1024, granularity: '128x128' },
] as const;

const gpu = await openTestGpu();

function golden(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(goldenBytes(`quantize/${name}.br`));
}

/** The part of a file that belongs to a variant. */
function ofVariant(file: Uint8Array, variant: string): Uint8Array {
  const index = variants.findIndex(([name]) => name === variant);
  const size = file.length / variants.length;
  return file.subarray(index * size, (index + 1) * size);
}

function bytes(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function differences(a: Uint8Array, b: Uint8Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((count, byte, i) => count + (byte === b[i] ? 0 : 1), 0);
}

for (const { name, rows, cols, granularity } of inputs)
  describe(`${name}, ${granularity}`, () => {
    const source: Matrix = matrix(rows, cols, new Uint16Array(golden(name).buffer), 'bf16');
    const [codes, scales] = [golden(`${name}.codes`), golden(`${name}.scales`)];
    for (const [variant, dialect, powerOfTwo] of variants) {
      const options: QuantizeOptions = { format: 'e4m3', granularity, dialect, powerOfTwo };
      const expectGolden = (result: QuantizedMatrix) => {
        expect(differences(bytes(result.scales), ofVariant(scales, variant))).toBe(0);
        expect(differences(bytes(result.codes), ofVariant(codes, variant))).toBe(0);
      };

      test(`the oracle gives PyTorch's ${variant} codes and scales as ${dialect}`, () => {
        expectGolden(quantize(source, options));
      });

      test(`the GPU gives PyTorch's ${variant} codes and scales as ${dialect}`, async () => {
        const onGpu = GpuMatrix.upload(gpu, source);
        const result = await quantizeOnGpu(gpu, onGpu, options);
        expectGolden(await result.read());
        onGpu.dispose();
        result.dispose();
      });
    }
  });
