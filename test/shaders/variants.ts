/** @file Every shader octile can make, as lists by room. A room that gains a shader adds it here. */

import { copyShader } from '../../bench/copy.js';
import { peakShader } from '../../bench/peak.js';
import { randomShader } from '../../bench/random.js';
import { wholeCodesShader, wholeSumsShader } from '../../bench/whole-numbers.js';
import { convertShader } from '../../src/format/convert.js';
import { overflows, roundings } from '../../src/format/encode.js';
import { elementFormats, formats } from '../../src/format/formats.js';
import { multiplyHalvesShader, unpackHalvesShader } from '../../src/format/native-halves.js';
import { fusedVariants } from '../../src/gemm/fused/plan.js';
import { reduceShader } from '../../src/gemm/parts.js';
import { emulators, kernels } from '../../src/gemm/registry.js';
import type { Shader } from '../../src/gpu/shader.js';
import { spinShader } from '../../src/gpu/speed.js';
import { dtypes } from '../../src/matrix.js';
import { matrixShader } from '../../src/probe/matrix/gpu-unit.js';
import { scalarShader } from '../../src/probe/scalar/gpu-unit.js';
import { operations } from '../../src/probe/scalar/operation.js';
import { packedShader } from '../../src/probe/scalar/packed.js';
import { chooseScaling, dialectNames } from '../../src/quantize/dialect.js';
import { granularityByName, granularityNames } from '../../src/quantize/granularity.js';
import { onePassFits, onePassShader } from '../../src/quantize/one-pass.js';
import { dequantizeShader, quantizeShaders } from '../../src/quantize/shader.js';
import { transposeCodesShader, transposeScalesShader } from '../../src/quantize/transpose-gpu.js';
import { iotaShader } from '../../src/verify/exhaustive.js';
import { dataflowRooms } from './dataflow.js';

const granularities = granularityNames.map((name) => granularityByName(name));
const elements = elementFormats.map((name) => formats[name]);

/** Conversion of arrays: every format, direction, rounding and overflow rule. */
function formatShaders(): Shader[] {
  return Object.values(formats).flatMap((format) => [
    convertShader(format, 'decode'),
    ...roundings.flatMap((rounding) =>
      overflows.map((overflow) => convertShader(format, 'encode', rounding, overflow)),
    ),
  ]);
}

/** Transposing, quantising and dequantising: every granularity, dialect, format and element type. */
function quantizeRoom(): Shader[] {
  const scalings = granularities.flatMap((granularity) =>
    dialectNames.flatMap((dialect) => {
      const e8m0 = granularity.scaleFormat === 'e8m0';
      if (dialect === 'mx')
        return e8m0 ? [{ granularity, scaling: chooseScaling(granularity, dialect, true) }] : [];
      const powersOfTwo = e8m0 ? [true] : [false, true];
      return powersOfTwo.map((powerOfTwo) => ({
        granularity,
        scaling: chooseScaling(granularity, dialect, powerOfTwo),
      }));
    }),
  );
  const transposes = [
    ...elements.map((format) => transposeCodesShader(format)),
    ...granularities.map((granularity) => transposeScalesShader(granularity)),
  ];
  const conversions = dtypes.flatMap((dtype) =>
    elements.flatMap((format) => [
      ...scalings.flatMap((scaling) => Object.values(quantizeShaders({ format, ...scaling }, dtype))),
      ...granularities.map((granularity) => dequantizeShader(format, granularity, dtype)),
      ...scalings
        .map((scaling) => ({ format, ...scaling }))
        .filter(onePassFits)
        .flatMap((quantization) =>
          [true, false].map((one) =>
            onePassShader(quantization, dtype, { add: one, multiply: one, fma: one }),
          ),
        ),
    ]),
  );
  return [...transposes, ...conversions];
}

/** Shaders by room. Many of a room's are the same text: what differs is not always what a shader depends on. */
export const rooms: Readonly<Record<string, () => Shader[]>> = {
  format: () => [...formatShaders(), unpackHalvesShader, multiplyHalvesShader],
  verify: () => [iotaShader],
  gpu: () => [spinShader],
  quantize: quantizeRoom,
  ...dataflowRooms,
  ...Object.fromEntries(
    [...kernels, ...emulators].map((kernel) => [`gemm ${kernel.name}`, () => kernel.variants()]),
  ),
  'gemm fused': fusedVariants,
  'gemm parts': () => [undefined, ...dtypes].flatMap((c) => dtypes.map((out) => reduceShader(c, out))),
  probe: () => [
    ...(['f32', 'f16'] as const).flatMap((name) =>
      operations.map((operation) => scalarShader(name, operation)),
    ),
    packedShader,
    // The shapes of NVIDIA, Intel and Apple; 4 to 128 are the null adapter's subgroup sizes.
    ...(
      [
        { m: 16, n: 16, k: 16, operand: 'f16', result: 'f32' },
        { m: 16, n: 8, k: 8, operand: 'f16', result: 'f16' },
        { m: 8, n: 16, k: 16, operand: 'f16', result: 'f32' },
        { m: 8, n: 8, k: 8, operand: 'f32', result: 'f32' },
        { m: 16, n: 16, k: 32, operand: 'i8', result: 'i32' },
        { m: 16, n: 8, k: 32, operand: 'u8', result: 'u32' },
      ] as const
    ).map((shape) => matrixShader(shape, [4, 128])),
  ],
  bench: () => [
    copyShader,
    peakShader,
    ...(['normal', 'uniform', 'outliers', 'log-normal', 'outlier-channels'] as const).map((distribution) =>
      randomShader(distribution),
    ),
    ...elements.map(wholeCodesShader),
    ...dtypes.map(wholeSumsShader),
  ],
};
