/** @file Which kernels run on the device; for the others what is missing. */

import type { Emulator } from '../../src/gemm/kernel.js';
import { emulators, kernels, obstacle } from '../../src/gemm/registry.js';
import type { Gpu } from '../../src/gpu/gpu.js';
import { restrictions } from './device.js';
import { Offer } from './offer.js';

const groups: readonly { title: string; intro: string; members: readonly Emulator[] }[] = [
  {
    title: 'For speed, in floating point',
    intro:
      'Sums round as this GPU rounds. Each result has to stay within a bound on its error that is derived for the kernel.',
    members: kernels,
  },
  {
    title: 'For fidelity, with the bits of a matrix instruction',
    intro:
      'Every result has to equal the instruction’s, bit for bit, whatever GPU this is. That costs speed.',
    members: emulators,
  },
];

/** What the summary means to a reader who has not met the kernel. */
const explanations: Readonly<Record<string, string>> = {
  skinny:
    'For a model that answers, one to 16 tokens at a time: then reading weights takes longer than multiplying.',
  matrix:
    'For GPUs with matrix units (tensor cores). Codes are multiplied by their scales first, so that the units sum without a pause.',
  'matrix-promoted':
    'As DeepSeek-V3 sums: matrix units multiply the bare codes, and after every scale the partial sum is scaled and added in f32.',
  'matrix-half':
    'The same with partial sums in f16, which units of many consumer GPUs add up faster and every unit keeps in half of the registers.',
  half: 'For GPUs with f16 but without matrix units: two operations in the place of one in f32.',
  portable: 'For every GPU that has WebGPU: codes become f32 on their way into workgroup memory.',
  emulated: 'The fast way: products are aligned and cut as the instruction cuts them.',
  stepwise:
    'The plain way, for what the fast one leaves out: NaN, wide accumulators, steps that round to nearest.',
};

export function Kernels({ gpu }: { readonly gpu: Gpu }) {
  return (
    <div class="stack">
      {groups.map(({ title, intro, members }) => (
        <div key={title} class="offer-group">
          <h3>{title}</h3>
          <p class="offer-aside">{intro}</p>
          <ul class="offer-list">
            {members.map((kernel) => {
              const reason = obstacle(gpu, kernel);
              const here = reason === undefined;
              return (
                <Offer
                  key={kernel.name}
                  name={kernel.name}
                  here={here}
                  chip={here ? 'runs here' : 'not here'}
                >
                  <p>{capital(kernel.summary)}.</p>
                  <p class="offer-aside">{explanations[kernel.name]}</p>
                  {reason !== undefined && (
                    <p class="offer-aside offer-lack">
                      {capital(reason)}. {remedy(kernel, gpu)}
                    </p>
                  )}
                </Offer>
              );
            })}
          </ul>
        </div>
      ))}
    </div>
  );
}

/** As a sentence begins, but for names such as f32. */
function capital(text: string): string {
  return /^[a-z]\d/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
}

function remedy(kernel: Emulator, gpu: Gpu): string {
  if (kernel.features.some((feature) => !gpu.hasFeature(feature))) return 'How to get it is shown below.';
  const { limits = {} } = restrictions.options;
  return Object.keys(limits).some((name) => Object.hasOwn(kernel.limits, name))
    ? 'This address lowers the limits.'
    : "That is the GPU's or its driver's own limit; another kernel is taken instead.";
}
