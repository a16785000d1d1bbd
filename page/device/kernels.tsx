/** @file Which kernels run on the device; for the others what is missing and how to get it. */

import type { ComponentChildren } from 'preact';
import type { Emulator } from '../../src/gemm/kernel.js';
import { emulators, kernelStates } from '../../src/gemm/registry.js';
import type { Gpu } from '../../src/gpu/gpu.js';
import { Copyable } from '../components/copyable.js';
import { Table } from '../components/table.js';
import { unsafeFlag } from './advice.js';
import { type BrowserName, browserName } from './browser-name.js';
import { restrictions } from './device.js';

export function Kernels({ gpu }: { readonly gpu: Gpu }) {
  const browser = browserName();
  return (
    <Table
      caption="Kernels, and whether they can run here"
      hideCaption
      columns={[
        { title: 'Kernel', cell: ({ kernel }) => <code>{kernel.name}</code> },
        {
          title: 'Runs here',
          cell: ({ obstacle }) => (
            <span class={obstacle === undefined ? 'chip chip-yes' : 'chip chip-no'}>
              {obstacle === undefined ? '✓ yes' : '× no'}
            </span>
          ),
        },
        {
          title: 'What it gives',
          cell: ({ kernel }) =>
            isEmulator(kernel) ? 'the bits of a matrix instruction' : 'f32 sums, in any order',
        },
        {
          title: 'How',
          cell: ({ kernel, obstacle }) =>
            obstacle === undefined ? (
              kernel.summary
            ) : (
              <>
                {kernel.summary}. Not here: {obstacle}. {remedy(kernel, gpu, browser)}
              </>
            ),
        },
      ]}
      rows={kernelStates(gpu)}
      keyOf={({ kernel }) => kernel.name}
    />
  );
}

function isEmulator(kernel: Emulator): boolean {
  return emulators.some(({ name }) => name === kernel.name);
}

function remedy(kernel: Emulator, gpu: Gpu, browser: BrowserName): ComponentChildren {
  const missing = kernel.features.filter((feature) => !gpu.hasFeature(feature));
  const { withoutFeatures = [], limits = {} } = restrictions.options;
  if (missing.some((feature) => withoutFeatures.includes(feature))) return 'This address hides the feature.';
  if (missing.length === 0)
    return Object.keys(limits).length > 0
      ? 'This address lowers the limits.'
      : "The limit is the GPU's own; a smaller kernel is taken instead.";
  if (missing.includes('chromium-experimental-subgroup-matrix'))
    return browser.family === 'Chrome' || browser.family === 'Edge' ? (
      <>
        Open this address, choose “Enabled”, restart:{' '}
        <Copyable text={unsafeFlag(browser)} what="the flag's address" /> If it stays missing, this GPU or its
        driver offers no matrix units to the browser.
      </>
    ) : (
      'Only Chrome and Edge offer matrix units so far, behind a flag.'
    );
  return 'A newer browser or driver may offer it.';
}
