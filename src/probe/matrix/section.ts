/** @file The sections on matrix units: one for each shape that the adapter offers. */

import type { Gpu } from '../../gpu/gpu.js';
import type { Section } from '../finding.js';
import { unlessRefused } from '../offered.js';
import { deduce } from './deduce.js';
import { gpuMatrixUnit, isKnown, matrixFeature, type OfferedShape, offeredShapes } from './gpu-unit.js';
import { integerFindings } from './integer.js';
import { floatTypes, type MatrixUnit } from './unit.js';

/** The sections of an adapter, as work still to be done: one for each shape, or one that says why there is none. */
export function matrixSections(gpu: Gpu): (() => Promise<Section>)[] {
  const title = 'matrix units';
  const { name } = gpu.adapter;
  if (!gpu.hasFeature(matrixFeature))
    return [
      async () => ({
        id: 'matrix',
        title,
        notOffered:
          `${name} does not offer the feature ${matrixFeature}. Chrome and Edge offer it on GPUs with tensor cores, XMX or ` +
          'simdgroup matrices when started with --enable-unsafe-webgpu; octile asks for it in Node.',
        findings: [],
      }),
    ];
  const shapes = offeredShapes(gpu);
  if (shapes.length === 0)
    return [
      async () => ({
        id: 'matrix',
        title,
        notOffered: `${name} offers the feature ${matrixFeature} and no shape to use it with. A newer driver may list some.`,
        findings: [],
      }),
    ];
  return shapes.map((shape) => () => gpuMatrixSection(gpu, shape));
}

async function gpuMatrixSection(gpu: Gpu, shape: OfferedShape): Promise<Section> {
  const about = sectionOf(shape);
  if (!isKnown(shape))
    return {
      ...about,
      notOffered: `octile cannot probe ${shape.operand} operands with ${shape.result} results yet.`,
      findings: [],
    };
  if (shape.operand === 'f16' && !gpu.hasFeature('shader-f16'))
    return {
      ...about,
      notOffered: `${gpu.adapter.name} offers this shape, and not the feature shader-f16 that shaders need to use it.`,
      findings: [],
    };
  const reason =
    'the compiler here refuses the shader; the syntax of subgroup matrices changed in 2026, and older browsers know the old one';
  return unlessRefused(about, reason, () => matrixSection(gpuMatrixUnit(gpu, shape)));
}

/** What a unit does. */
export async function matrixSection(unit: MatrixUnit): Promise<Section> {
  const about = sectionOf(unit.shape);
  const types = floatTypes(unit.shape);
  const { findings, closest } = types
    ? await deduce(unit, types)
    : { findings: await integerFindings(unit), closest: undefined };
  return {
    ...about,
    findings: findings.map((finding) => ({ ...finding, id: `${about.id}.${finding.id}` })),
    ...(closest ? { closest } : {}),
  };
}

function sectionOf({ operand, result, m, n, k }: OfferedShape): Pick<Section, 'id' | 'title'> {
  return {
    id: `matrix.${operand}.${result}.${m}x${n}x${k}`,
    title: `matrix unit, ${operand} to ${result}, ${m}x${n}x${k}`,
  };
}
