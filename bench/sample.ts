/** @file Parts of large matrices, back on the host: enough to check a result without reading all of it. */

import { makeCodes, unpack } from '../src/format/pack.js';
import type { Gpu } from '../src/gpu/gpu.js';
import type { GpuMatrix, GpuQuantizedMatrix } from '../src/gpu-matrix.js';
import { type Matrix, matrix } from '../src/matrix.js';
import { QuantizedMatrix } from '../src/quantize/quantized-matrix.js';
import { randomWords } from '../src/verify/random.js';

/** Neighbouring rows, none of which shares a tile of 128 rows with a row outside the same 128. */
export interface Band {
  readonly first: number;
  readonly count: number;
}

/** Rows of the largest tile. */
const blockRows = 128;
/** Rows of a band. */
const bandRows = 4;

/**
 * Bands that cover the first and the last row and some rows between, each within one block of 128 rows.
 * @param seed another seed gives other rows between
 */
export function sampleBands(rows: number, bands: number, seed: number): Band[] {
  const inside = Array.from({ length: bands - 2 }, (_, i) => (randomWords(i, seed)[0] as number) % rows);
  const found = [0, rows - 1, ...inside].map((row): Band => {
    const block = Math.floor(row / blockRows) * blockRows;
    const end = Math.min(block + blockRows, rows);
    const first = Math.max(block, Math.min(row, end - bandRows));
    return { first, count: Math.min(bandRows, end - first) };
  });
  return [...new Map(found.map((band) => [band.first, band])).values()];
}

/** A band of a plain matrix. */
export async function readBand(gpu: Gpu, source: GpuMatrix, { first, count }: Band): Promise<Matrix> {
  const { cols, pitch, dtype } = source;
  const rowBytes = pitch * (dtype === 'f32' ? 4 : 2);
  const bytes = await gpu.read(source.buffer, count * rowBytes, first * rowBytes);
  const pitched = dtype === 'f32' ? new Float32Array(bytes) : new Uint16Array(bytes);
  const data = dtype === 'f32' ? new Float32Array(count * cols) : new Uint16Array(count * cols);
  for (let row = 0; row < count; row++)
    data.set(pitched.subarray(row * pitch, row * pitch + cols), row * cols);
  return matrix(count, cols, data, dtype);
}

/** A band of a quantised matrix with the scales of its tiles. */
export async function readQuantizedBand(
  gpu: Gpu,
  source: GpuQuantizedMatrix,
  { first, count }: Band,
): Promise<QuantizedMatrix> {
  const { cols, format, granularity, wordPitch, scaleCols } = source;
  const words = new Uint32Array(await gpu.read(source.codes, count * wordPitch * 4, first * wordPitch * 4));
  const codes = makeCodes(format, count * cols);
  for (let row = 0; row < count; row++) codes.set(unpack(format, words, cols, row * wordPitch), row * cols);

  const e8m0 = granularity.scaleFormat === 'e8m0';
  const bytes = await gpu.read(source.scales, source.scaleRows * scaleCols * (e8m0 ? 1 : 4));
  const all = e8m0 ? new Uint8Array(bytes) : new Float32Array(bytes);
  const { scaleRow, scaleRows } = bandOfScales(granularity.tileRows, first, count);
  const scales = all.slice(scaleRow * scaleCols, (scaleRow + scaleRows) * scaleCols);
  return new QuantizedMatrix(count, cols, format, granularity, codes, scales);
}

function bandOfScales(tileRows: number, first: number, count: number) {
  if (tileRows === Infinity) return { scaleRow: 0, scaleRows: 1 };
  return { scaleRow: Math.floor(first / tileRows), scaleRows: Math.ceil(count / tileRows) };
}
