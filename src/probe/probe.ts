/**
 * @file What is in this GPU: the numerics of an adapter, found by black-box experiments.
 *
 * Each experiment's inputs are chosen so that the ways in which hardware and compilers are known to differ give
 * different bits; inputs come out of buffers, where no compiler can fold them, and results are read as bits. The method
 * is that of M. Fasi, N. J. Higham, M. Mikaitis and S. Pranesh, "Numerical behavior of NVIDIA tensor cores", PeerJ
 * Computer Science 7:e330, 2021.
 */

import type { Context } from '../context.js';
import { UnsupportedError } from '../errors.js';
import type { Gpu } from '../gpu/gpu.js';
import type { Section } from './finding.js';
import { matrixSections } from './matrix/section.js';
import { f16Precision, f32Precision } from './precision.js';
import { type ProbeReport, probedAdapter, schema } from './report.js';
import { packedSection } from './scalar/packed.js';
import { gpuScalarSection } from './scalar/section.js';

export interface ProbeOptions {
  /** Called after each section. */
  readonly onSection?: ((section: Section) => void) | undefined;
}

/** The sections of an adapter, as work still to be done. */
function sectionsOf(gpu: Gpu): (() => Promise<Section>)[] {
  return [
    () => gpuScalarSection(gpu, f32Precision),
    () => gpuScalarSection(gpu, f16Precision),
    () => packedSection(gpu),
    ...matrixSections(gpu),
  ];
}

/** How many sections a probe of this adapter has. */
export function countSections({ gpu }: Pick<Context, 'gpu'>): number {
  return sectionsOf(gpu).length;
}

/**
 * Finds the numerics of the context's adapter.
 * @throws UnsupportedError on the null adapter, ShaderError if the adapter refuses a shader, OutOfMemoryError,
 *   DeviceLostError
 */
export async function probe({ gpu }: Pick<Context, 'gpu'>, options: ProbeOptions = {}): Promise<ProbeReport> {
  if (gpu.adapter.kind === 'null')
    throw new UnsupportedError(
      `${gpu.adapter.name} is the null adapter: it compiles shaders and computes nothing, so there is nothing to find. ` +
        'Take a GPU, or the software adapter (--adapter software).',
    );
  const sections: Section[] = [];
  for (const run of sectionsOf(gpu)) {
    const section = await run();
    sections.push(section);
    options.onSection?.(section);
  }
  return { schema, version: __VERSION__, adapter: probedAdapter(gpu), sections };
}
