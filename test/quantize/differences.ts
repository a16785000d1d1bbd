/** @file Where two quantised matrices differ, in bits. */

import { GpuQuantizedMatrix } from '../../src/gpu-matrix.js';
import type { QuantizedMatrix } from '../../src/quantize/quantized-matrix.js';

/** The first difference in words, or undefined. */
export function difference(actual: QuantizedMatrix, expected: QuantizedMatrix): string | undefined {
  const kind = ({ rows, cols, format, granularity }: QuantizedMatrix) =>
    `${rows}x${cols} ${format.name} ${granularity.name}`;
  if (kind(actual) !== kind(expected)) return `${kind(actual)}, not ${kind(expected)}`;
  const words = ({ scales }: QuantizedMatrix) =>
    scales instanceof Float32Array ? new Uint32Array(scales.buffer) : scales;
  const hex = (n: number | undefined) => n?.toString(16);
  const [actualScales, expectedScales] = [words(actual), words(expected)];
  if (actualScales.length !== expectedScales.length) return `${actualScales.length} scales`;
  const scale = expectedScales.findIndex((word: number, i: number) => word !== actualScales[i]);
  if (scale >= 0) return `scale ${scale} is ${hex(actualScales[scale])}, not ${hex(expectedScales[scale])}`;
  const code = expected.codes.findIndex((one: number, i: number) => one !== actual.codes[i]);
  if (code >= 0) return `code ${code} is ${hex(actual.codes[code])}, not ${hex(expected.codes[code])}`;
  return undefined;
}

/** The words of a matrix's codes on the GPU, set to ones beforehand so that padding left unwritten shows. */
export function soil(target: GpuQuantizedMatrix): void {
  const words = target.rows * target.wordPitch;
  target.gpu.write(target.codes, new Uint32Array(words).fill(0xffffffff));
}

/** Whether all codes behind the last column of each row are zero. */
export async function paddingIsZero(target: GpuQuantizedMatrix): Promise<boolean> {
  const { gpu, rows, cols, wordPitch, format } = target;
  const words = new Uint32Array(await gpu.read(target.codes, rows * wordPitch * 4));
  const bits = format.signBits + format.exponentBits + format.mantissaBits;
  for (let row = 0; row < rows; row++)
    for (let bit = cols * bits; bit < wordPitch * 32; bit++)
      if ((((words[row * wordPitch + (bit >>> 5)] as number) >>> (bit & 31)) & 1) !== 0) return false;
  return true;
}

/** A matrix on the GPU for as long as `work` takes. */
export async function uploaded<T>(
  gpu: GpuQuantizedMatrix['gpu'],
  source: QuantizedMatrix,
  work: (onGpu: GpuQuantizedMatrix) => Promise<T>,
): Promise<T> {
  using onGpu = GpuQuantizedMatrix.upload(gpu, source);
  return await work(onGpu);
}
