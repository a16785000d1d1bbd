import { expect, test, vi } from 'vitest';
import { Context } from '../src/context.js';
import { ArgumentError, OutOfMemoryError } from '../src/errors.js';
import { matrix } from '../src/matrix.js';
import { quantize } from '../src/quantize/quantize.js';
import { openTestGpu } from './adapter.js';

const context = new Context(await openTestGpu('null'));
const x = matrix(3, 4, new Float32Array(12));
const q = quantize(x);

test.each<[string, () => Promise<unknown>]>([
  ['a format that does not exist', () => context.quantize(x, { format: 'e9m9' as 'e4m3' })],
  ['a matrix whose data do not fill it', () => context.quantize({ ...x, cols: 8 })],
  ['operands that do not share K', () => context.gemm(q, quantize(matrix(2, 5, new Float32Array(10))))],
  ['an output type that does not exist', () => context.gemm(q, q, { out: 'f64' as 'f32' })],
])('refuses %s before anything is allocated', async (_, work) => {
  const create = vi.spyOn(context.gpu.device, 'createBuffer');
  await expect(work()).rejects.toThrow(ArgumentError);
  expect(create).not.toHaveBeenCalled();
  create.mockRestore();
});

test('an upload that finds no memory leaves nothing behind', async () => {
  const destroyed: string[] = [];
  const { device } = context.gpu;
  const create = device.createBuffer.bind(device);
  vi.spyOn(device, 'createBuffer').mockImplementation((descriptor) => {
    const buffer = create(descriptor);
    vi.spyOn(buffer, 'destroy').mockImplementation(() => {
      destroyed.push(buffer.label);
      return undefined;
    });
    return buffer;
  });
  vi.spyOn(device, 'popErrorScope').mockResolvedValue({ message: 'no memory' } as GPUError);
  await expect(context.upload(q)).rejects.toThrow(OutOfMemoryError);
  vi.restoreAllMocks();
  expect(destroyed).toEqual(['quantised 3x4 e4m3 codes', 'quantised 3x4 e4m3 scales']);
});
