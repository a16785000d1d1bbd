import { expect, test, vi } from 'vitest';
import { Context } from '../src/context.js';
import { ArgumentError, DisposedError, OutOfMemoryError } from '../src/errors.js';
import type { GemmOptions } from '../src/gemm/gemm.js';
import type { LayoutOptions } from '../src/gemm/layout.js';
import { type Matrix, matrix } from '../src/matrix.js';
import { type OpenOptions, openContext } from '../src/open.js';
import { quantize } from '../src/quantize/quantize.js';
import type { QuantizedMatrix } from '../src/quantize/quantized-matrix.js';
import { openTestGpu } from './adapter.js';

const context = new Context(await openTestGpu('null'));
const x = matrix(3, 4, new Float32Array(12));
const q = quantize(x);
const nothing = undefined as unknown;
const plain = x as unknown as QuantizedMatrix;

test.each<[string, () => Promise<unknown>, string?]>([
  ['a format that does not exist', () => context.quantize(x, { format: 'e9m9' as 'e4m3' })],
  ['a matrix whose data do not fill it', () => context.quantize({ ...x, cols: 8 })],
  ['operands that do not share K', () => context.gemm(q, quantize(matrix(2, 5, new Float32Array(10))))],
  ['an output type that does not exist', () => context.gemm(q, q, { out: 'f64' as 'f32' })],
  ['an upload of nothing', () => context.upload(nothing as Matrix), 'source is undefined; allowed: a matrix'],
  [
    'quantising nothing',
    () => context.quantize(null as unknown as Matrix),
    'source is null; allowed: a matrix',
  ],
  [
    'quantising codes',
    () => context.quantize(q as unknown as Matrix),
    'source is QuantizedMatrix; allowed: a',
  ],
  ['dequantising a plain matrix', () => context.dequantize(plain), 'source is Object; allowed: a Quantized'],
  ['a plain matrix as an operand', () => context.gemm(q, plain), 'b is Object; allowed: a QuantizedMatrix'],
  [
    'an operand left out',
    () => context.gemm(q, nothing as QuantizedMatrix),
    'b is undefined; allowed: a Quant',
  ],
  [
    'an addend of codes',
    () => context.gemm(q, q, { c: q as unknown as Matrix }),
    'c is QuantizedMatrix; allowed',
  ],
  [
    'a misspelt option of quantize',
    () => context.quantize(x, { granularty: 'row' } as object),
    'options.granularty is "row"; allowed: the options format, granularity, dialect, powerOfTwo',
  ],
  [
    'a misspelt option of gemm',
    () => context.gemm(q, q, { acumulator: 'f32' } as GemmOptions),
    'options.acumulator is "f32"; allowed: the options layout, c, out, kernel,',
  ],
  [
    'options that are none',
    () => context.gemm(q, q, null as unknown as GemmOptions),
    'options is null; allowed: an object of options',
  ],
])('refuses %s before anything is allocated', async (_, work, message = '') => {
  const create = vi.spyOn(context.gpu.device, 'createBuffer');
  const refusal = await work().catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ArgumentError);
  expect((refusal as Error).message).toContain(message);
  expect(create).not.toHaveBeenCalled();
  create.mockRestore();
});

test.each<[object, string]>([
  [{ adpter: 'x' }, 'options.adpter is "x"; allowed: the options adapter, withoutFeatures, limits'],
  [{ adapter: 7 }, 'adapter is 7; allowed: auto, hardware'],
  [{ withoutFeatures: ['subgroups', 'f16'] }, 'withoutFeatures[1] is "f16"; allowed: shader-f16, subgroups'],
  [{ withoutFeatures: 'subgroups' }, 'withoutFeatures is "subgroups"; allowed: an array'],
  [{ limits: 'most' }, 'limits is "most"; allowed: adapter, default'],
  [{ limits: { maxColours: 3 } }, 'limits.maxColours is 3; allowed: the limits maxBufferSize'],
  [{ limits: { maxBufferSize: 0.5 } }, 'limits.maxBufferSize is 0.5; allowed: a whole number'],
])('refuses to open with %j before an adapter is asked for', async (options, message) => {
  const request = vi.fn();
  const opening = openContext([{ name: 'null', kind: 'null', request }], options as OpenOptions);
  const refusal = await opening.catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ArgumentError);
  expect((refusal as Error).message).toContain(message);
  expect(request).not.toHaveBeenCalled();
});

test('every option there is goes through', async () => {
  const everything: Required<GemmOptions & LayoutOptions> = {
    layout: 'NT',
    c: undefined,
    out: 'bf16',
    kernel: 'auto',
    accumulator: 'hopper-wgmma',
    promote: 128,
    promotion: 'fused',
    splitK: 1,
    addendIn: 'epilogue',
  };
  // The adapter that computes nothing cannot run it: that it is asked says that the options were taken.
  const outcome = await context.gemm(q, q, everything).catch((error: unknown) => error);
  expect(outcome).not.toBeInstanceOf(ArgumentError);
});

test.each([
  ['matrix', x],
  ['quantised matrix', q],
])('a %s that has been disposed of says so', async (name, source) => {
  const uploaded = await context.upload(source);
  uploaded.dispose();
  await expect(uploaded.read()).rejects.toThrow(new DisposedError(`${name} has been disposed of`));
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
