/** @file The shaders between the products of a training step: quantisers in one pass and what they are fused with. */

import { width } from '../../src/format/format.js';
import { elementFormats, formats } from '../../src/format/formats.js';
import type { Shader } from '../../src/gpu/shader.js';
import { activations } from '../../src/linear/activation.js';
import {
  activationPart,
  type GateKind,
  gateBuffers,
  inverseRmsShader,
  normPart,
  swigluGradientPart,
  swigluPart,
} from '../../src/linear/fused-sources.js';
import {
  gainGradientShader,
  gainStripsShader,
  normFactorsShader,
  normGradientPart,
} from '../../src/linear/rms-norm-gradient-gpu.js';
import { dtypes } from '../../src/matrix.js';
import {
  combineShader,
  countShader,
  gatherShader,
  offsetsShader,
  placeShader,
  routeShader,
} from '../../src/moe/shader.js';
import { blockShader, blockWidths } from '../../src/quantize/block.js';
import { blockPlainShader } from '../../src/quantize/block-plain.js';
import { chooseScaling } from '../../src/quantize/dialect.js';
import { granularityByName } from '../../src/quantize/granularity.js';
import { codesPart, plainPart } from '../../src/quantize/with-transpose-gpu.js';

/** Quantising in one pass, from every kind of source in every way. */
function blockRoom(): Shader[] {
  const formats8 = elementFormats
    .map((name) => formats[name])
    .filter((format) => blockWidths.includes(width(format)));
  const scaling = chooseScaling(granularityByName('1x128'), 'deepgemm', true);
  const dividing = chooseScaling(granularityByName('1x128'), 'ieee', false);
  const granularity = granularityByName('1x128');
  const both = { rows: true, columns: true };
  const plain = dtypes.map((dtype) => ({ label: dtype, part: plainPart(dtype), bufferCount: 1 }));
  const codes = formats8.flatMap((format) =>
    (['1x128', '1x32'] as const).map((name) => ({
      label: format.name,
      part: codesPart(format, granularityByName(name)),
      bufferCount: 2,
    })),
  );
  return [
    ...plain.flatMap((source) =>
      formats8.flatMap((format) =>
        [scaling, dividing].map((one) => blockShader(source, both, { format, granularity, scaling: one })),
      ),
    ),
    ...codes.flatMap((source) =>
      [both, { rows: false, columns: true }, { rows: true, columns: false }].map((ways) =>
        blockShader(source, ways, { format: formats.e4m3, granularity, scaling }),
      ),
    ),
  ];
}

/** What quantisers are fused with, in both arithmetics, quantised and plain. */
function fusedRoom(): Shader[] {
  const granularity = granularityByName('1x128');
  const quantization = {
    format: formats.e4m3,
    granularity,
    scaling: chooseScaling(granularity, 'deepgemm', true),
  };
  const gates: GateKind[] = [{ dtype: 'f32' }, { dtype: 'bf16' }, { format: formats.e4m3, granularity }];
  const sources = [true, false].flatMap((native) => [
    ...activations.map((activation) => ({
      label: activation,
      part: activationPart(activation, 'bf16', native),
      bufferCount: 1,
    })),
    ...gates.flatMap((kind) => [
      { label: 'swiglu', part: swigluPart(kind, native), bufferCount: gateBuffers(kind) },
      ...(['gate', 'up'] as const).map((of) => ({
        label: of,
        part: swigluGradientPart(kind, of, 'bf16', native),
        bufferCount: gateBuffers(kind) + 1,
      })),
    ]),
  ]);
  const norms = dtypes.map((dtype) => ({ label: 'norm', part: normPart(dtype), bufferCount: 3 }));
  const slopeKinds = [true, false].flatMap((native) =>
    dtypes.flatMap((dtype) => dtypes.map((gradient) => ({ dtype, gradient, native }))),
  );
  const slopes = slopeKinds.map((kind) => ({
    label: 'gradient of a norm',
    part: normGradientPart(kind),
    bufferCount: 4,
  }));
  return [
    ...[...sources, ...norms, ...slopes].flatMap((source) => [
      // A shader may bind eight buffers on every device: of more, the two ways are made apart.
      ...(source.bufferCount > 4
        ? [
            { rows: true, columns: false },
            { rows: false, columns: true },
          ]
        : [{ rows: true, columns: true }]
      ).map((ways) => blockShader(source, ways, quantization)),
      ...dtypes.map((dtype) => blockPlainShader(source, dtype)),
    ]),
    ...dtypes.flatMap((dtype) => [true, false].map((native) => inverseRmsShader(dtype, native))),
    ...slopeKinds.flatMap((kind) => [normFactorsShader(kind), gainGradientShader(kind)]),
    ...[true, false].map(gainStripsShader),
  ];
}

/** Lists of shaders by room. */
export const dataflowRooms: Readonly<Record<string, () => Shader[]>> = {
  'quantize in one pass': blockRoom,
  linear: fusedRoom,
  moe: () => [
    ...dtypes.flatMap((dtype) => [true, false].map((native) => routeShader(dtype, native))),
    countShader,
    offsetsShader,
    placeShader,
    gatherShader,
    ...dtypes.flatMap((dtype) => dtypes.map((out) => combineShader(dtype, out, true))),
    combineShader('f32', 'f32', false),
  ],
};
