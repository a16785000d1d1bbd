/** @file What the open device is and has: names, features, limits, kernels. */

import { featureNames } from '../../src/gpu/device.js';
import type { Context } from '../../src/index.js';
import { Figure, Figures } from '../components/figure.js';
import { Section } from '../components/section.js';
import { browserName, browserText } from './browser-name.js';
import { Kernels } from './kernels.js';
import { sizeText } from './restrict.js';

/** What octile uses a feature for. */
const uses: Readonly<Record<(typeof featureNames)[number], string>> = {
  'shader-f16': 'Arithmetic in 16 bits, twice as fast as f32 on many GPUs.',
  subgroups: 'Threads that exchange values without memory.',
  'timestamp-query': "Times by the GPU's own clock instead of the host's.",
  'chromium-experimental-subgroup-matrix': 'Matrix units (tensor cores), an experiment of Chromium.',
};

export function DeviceSummary({ context }: { readonly context: Context }) {
  const { device, adapter } = context.gpu;
  const { vendor, architecture, subgroupMinSize, subgroupMaxSize } = adapter.adapter.info;
  const { limits } = device;
  const subgroup =
    subgroupMinSize === subgroupMaxSize ? `${subgroupMinSize}` : `${subgroupMinSize} to ${subgroupMaxSize}`;
  return (
    <>
      <Section title="Adapter">
        <Figures plain>
          <Figure
            label="GPU"
            value={adapter.name}
            unit=""
            note={[vendor, architecture].filter(Boolean).join(', ')}
          />
          <Figure
            label="Computes on"
            value={adapter.kind === 'software' ? 'the CPU' : 'the GPU'}
            unit=""
            note={adapter.kind === 'software' ? 'A software renderer: right, but slow.' : undefined}
          />
          <Figure label="Browser" value={browserText(browserName())} unit="" />
          <Figure
            label="Largest buffer"
            value={sizeText(Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize))}
            unit=""
            note="Larger matrices are refused with a message."
          />
          <Figure
            label="Workgroup memory"
            value={sizeText(limits.maxComputeWorkgroupStorageSize)}
            unit=""
            note="Decides the largest tile of a kernel."
          />
          <Figure
            label="Threads in a workgroup"
            value={String(limits.maxComputeInvocationsPerWorkgroup)}
            unit="at most"
          />
          {device.features.has('subgroups') && <Figure label="Subgroup" value={subgroup} unit="threads" />}
        </Figures>
      </Section>
      <Section title="Kernels" intro="What can multiply here, the preferred one first.">
        <Kernels gpu={context.gpu} />
      </Section>
      <Section title="Optional features">
        <ul class="offer-list">
          {featureNames.map((name) => (
            <li key={name} class="offer">
              <span class="offer-head">
                <span class="offer-name">{name}</span>
                <span class={device.features.has(name) ? 'chip chip-yes' : 'chip chip-no'}>
                  {device.features.has(name)
                    ? '✓ here'
                    : adapter.adapter.features.has(name)
                      ? '× hidden'
                      : '× not here'}
                </span>
              </span>
              <p>{uses[name]}</p>
            </li>
          ))}
        </ul>
      </Section>
    </>
  );
}
