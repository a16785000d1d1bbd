/** @file Optional features: which are here, what they are for, and how to get the others. */

import { kernelStates } from '../../src/gemm/registry.js';
import { featureNames } from '../../src/gpu/device.js';
import type { Gpu } from '../../src/gpu/gpu.js';
import { Copyable } from '../components/copyable.js';
import { browserName } from './browser-name.js';
import { restrictions } from './device.js';
import { type FeatureName, featureAdvice, featureUses } from './feature-advice.js';
import { Offer } from './offer.js';

/** The features that a kernel lacks here. */
export function missingFeatures(gpu: Gpu): FeatureName[] {
  const needed = kernelStates(gpu).flatMap(({ kernel }) => kernel.features);
  return featureNames.filter((name) => needed.includes(name) && !gpu.hasFeature(name));
}

export interface FeaturesProps {
  readonly gpu: Gpu;
  readonly names: readonly FeatureName[];
}

export function Features({ gpu, names }: FeaturesProps) {
  const hidden = restrictions.options.withoutFeatures ?? [];
  return (
    <ul class="offer-list">
      {names.map((name) => {
        const here = gpu.hasFeature(name);
        const users = kernelStates(gpu).filter(({ kernel }) => kernel.features.includes(name));
        return (
          <Offer
            key={name}
            name={name}
            here={here}
            chip={here ? 'here' : hidden.includes(name) ? 'hidden' : 'not here'}
          >
            <p>{featureUses[name]}</p>
            {!here && (
              <div class="offer-aside">
                {users.length > 0 && `Needed by ${users.map(({ kernel }) => kernel.name).join(', ')}. `}
                {hidden.includes(name) ? 'This address hides it.' : <HowTo name={name} gpu={gpu} />}
              </div>
            )}
          </Offer>
        );
      })}
    </ul>
  );
}

function HowTo({ name, gpu }: { readonly name: FeatureName; readonly gpu: Gpu }) {
  const { text, paste, otherwise } = featureAdvice(name, browserName(), gpu.adapter.adapter.info.vendor);
  return (
    <>
      {text} {paste && <Copyable text={paste} what={`what brings ${name}`} />} {otherwise}
    </>
  );
}
