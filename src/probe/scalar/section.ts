/** @file The sections on shader arithmetic: f32, f16, and packed dot products of bytes. */

import type { Gpu } from '../../gpu/gpu.js';
import type { Section } from '../finding.js';
import { unlessRefused } from '../offered.js';
import type { Precision } from '../precision.js';
import { accuracyExperiments } from './accuracy.js';
import { closestScalarProfile } from './closest.js';
import { conduct, type Experiment } from './experiment.js';
import { gpuScalarUnit } from './gpu-unit.js';
import { integerExperiments } from './integer.js';
import { nanExperiments } from './nan.js';
import type { ScalarUnit } from './operation.js';
import { orderExperiments } from './order.js';
import { overflowExperiments } from './overflow.js';
import { roundingExperiments } from './rounding.js';
import { specialExperiments } from './special.js';
import { subnormalExperiments } from './subnormal.js';

/** Every experiment on a precision, in the order of the report. */
export function scalarExperiments(precision: Precision): Experiment[] {
  return [
    ...roundingExperiments(precision),
    ...orderExperiments(precision),
    ...subnormalExperiments(precision),
    ...specialExperiments(precision),
    ...overflowExperiments(precision),
    ...nanExperiments(precision),
    ...integerExperiments(precision),
    ...accuracyExperiments(precision),
  ];
}

/** What a unit that computes in a precision does. */
export async function scalarSection(unit: ScalarUnit, precision: Precision): Promise<Section> {
  const findings = await conduct(unit, scalarExperiments(precision));
  return {
    ...sectionOf(precision),
    findings,
    ...(precision.name === 'f32' ? { closest: closestScalarProfile(findings) } : {}),
  };
}

/** The section of an adapter; f16 only where it has the feature. */
export async function gpuScalarSection(gpu: Gpu, precision: Precision): Promise<Section> {
  const about = sectionOf(precision);
  if (precision.name === 'f16' && !gpu.hasFeature('shader-f16'))
    return {
      ...about,
      notOffered:
        `${gpu.adapter.name} does not offer the feature shader-f16. Most GPUs do, in current browsers and in Node; NVIDIA's ` +
        "under Vulkan need Dawn's toggle vulkan_enable_f16_on_nvidia, which octile sets in Node.",
      findings: [],
    };
  return unlessRefused(about, 'the compiler here refuses the shader', () =>
    scalarSection(gpuScalarUnit(gpu, precision.name), precision),
  );
}

function sectionOf({ name }: Precision): Pick<Section, 'id' | 'title'> {
  return { id: name, title: `${name} arithmetic of shaders` };
}
