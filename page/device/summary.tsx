/** @file What the open device is and has: names, features, limits, kernels. */

import { featureNames } from '../../src/gpu/device.js';
import type { Context } from '../../src/index.js';
import { Figure, Figures } from '../components/figure.js';
import { Section } from '../components/section.js';
import { browserName, browserText } from './browser-name.js';
import { Features } from './features.js';
import { Kernels } from './kernels.js';
import { sizeText } from './restrict.js';

export function DeviceSummary({ context }: { readonly context: Context }) {
  const { device, adapter } = context.gpu;
  const { vendor, architecture, subgroupMinSize, subgroupMaxSize } = adapter.adapter.info;
  const maker = [vendor, architecture].filter(Boolean).join(' ');
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
            note={maker === adapter.name ? undefined : maker}
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
      <Section
        title="Kernels"
        intro="What can multiply here; “auto” takes one that fits the product and, unless its scales are powers of two (1×32), rounds no value to a half."
      >
        <Kernels gpu={context.gpu} />
      </Section>
      <Section
        title="Optional features"
        intro="What WebGPU may offer beyond its core, and how to get what is missing."
      >
        <Features gpu={context.gpu} names={featureNames} />
      </Section>
    </>
  );
}
