// What an application would do with octile's browser entry; the test calls it and judges the results.
import { dtypes, matrix, open, QuantizedMatrix } from '/octile/index.js';

const fromBits = (bits) => new Float32Array(Uint32Array.from(bits).buffer);
const toBits = (values) => [...new Uint32Array(values.buffer, values.byteOffset, values.length)];

/** Quantises x and w, multiplies them and dequantises x. f32 values go in and out as their bits. */
globalThis.multiply = async ({ x, w }) => {
  const context = await open();
  const [a, b] = [
    await context.quantize(matrix(x.rows, x.cols, fromBits(x.bits)), { granularity: '1x128' }),
    await context.quantize(matrix(w.rows, w.cols, fromBits(w.bits)), { granularity: '128x128' }),
  ];
  const [product, back] = [await context.gemm(a, b), await context.dequantize(a)];
  const quantized = async (source) => {
    const host = await source.read();
    if (!(host instanceof QuantizedMatrix)) throw new Error('not a quantised matrix');
    return { codes: [...host.codes], scales: toBits(host.scales) };
  };
  const result = {
    adapter: context.adapter,
    dtypes: [...dtypes],
    a: await quantized(a),
    b: await quantized(b),
    product: toBits((await product.read()).data),
    dequantized: toBits((await back.read()).data),
  };
  context.dispose();
  return result;
};

/** What comes of asking for an adapter that a browser does not have, and of using a context that has ended. */
globalThis.fail = async () => {
  const named = (error) => [error.name, error.message];
  const context = await open();
  context.dispose();
  return {
    node: await open({ adapter: 'software' }).catch(named),
    ended: await context.upload(matrix(1, 1, Float32Array.of(1))).catch(named),
  };
};
