import { expect, test } from 'vitest';
import { elementFormats, formats } from '../../src/format/formats.js';
import { dtypes } from '../../src/matrix.js';
import { dialects } from '../../src/quantize/dialect.js';
import { asGranularity } from '../../src/quantize/granularity.js';
import { dequantizeShader, quantizeShaders } from '../../src/quantize/shader.js';
import { openTestGpu } from '../adapter.js';
import { scalings } from './data.js';

const gpu = await openTestGpu('null');

for (const name of elementFormats)
  test(`every quantising shader for ${name} compiles`, async () => {
    const format = formats[name];
    const shaders = scalings.flatMap(({ granularity: tile, dialect, powerOfTwo }) =>
      dtypes.flatMap((dtype) => {
        const granularity = asGranularity(tile);
        const scaling = { dialect: dialects[dialect], powerOfTwo };
        const { amax, scales, encode } = quantizeShaders({ format, granularity, scaling }, dtype);
        return [amax, scales, encode, dequantizeShader(format, granularity, dtype)];
      }),
    );
    // A shader that does not compile throws; equal ones share a pipeline.
    const pipelines = new Set(await Promise.all(shaders.map((shader) => gpu.pipeline(shader))));
    // 3 for amax; 5 dialects with e8m0 scales, 4 with f32 ones and 4 with powers of two; 3 times 2 to encode, by
    // multiplication and division; 3 times 2 to dequantise.
    expect(pipelines.size).toBe(3 + 13 + 6 + 6);
  });
