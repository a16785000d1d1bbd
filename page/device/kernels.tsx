/** @file Which kernels run on the device; for the others what is missing and how to get it. */

import type { ComponentChildren } from 'preact';
import type { Emulator } from '../../src/gemm/kernel.js';
import { emulators, kernelStates } from '../../src/gemm/registry.js';
import type { Gpu } from '../../src/gpu/gpu.js';
import { Copyable } from '../components/copyable.js';
import { unsafeFlag } from './advice.js';
import { type BrowserName, browserName } from './browser-name.js';
import { restrictions } from './device.js';

export function Kernels({ gpu }: { readonly gpu: Gpu }) {
  const browser = browserName();
  return (
    <ul class="offer-list">
      {kernelStates(gpu).map(({ kernel, obstacle }) => (
        <li key={kernel.name} class="offer">
          <span class="offer-head">
            <span class="offer-name">{kernel.name}</span>
            <span class={obstacle === undefined ? 'chip chip-yes' : 'chip chip-no'}>
              {obstacle === undefined ? '✓ runs here' : '× not here'}
            </span>
          </span>
          <div class="offer-body">
            <p>
              {capital(kernel.summary)}. <span class="offer-aside">{givesOf(kernel)}</span>
            </p>
            {obstacle !== undefined && (
              <div class="offer-aside">
                {capital(obstacle)}. {remedy(kernel, gpu, browser)}
              </div>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}

function givesOf(kernel: Emulator): string {
  return isEmulator(kernel)
    ? 'Gives the bits of a matrix instruction.'
    : 'Sums in floating point, within a bound that is checked.';
}

/** As a sentence begins, but for names such as f32. */
function capital(text: string): string {
  return /^[a-z]\d/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
}

function isEmulator(kernel: Emulator): boolean {
  return emulators.some(({ name }) => name === kernel.name);
}

function remedy(kernel: Emulator, gpu: Gpu, browser: BrowserName): ComponentChildren {
  const missing = kernel.features.filter((feature) => !gpu.hasFeature(feature));
  const { withoutFeatures = [], limits = {} } = restrictions.options;
  if (missing.some((feature) => withoutFeatures.includes(feature))) return 'This address hides the feature.';
  if (missing.length === 0)
    return Object.keys(limits).some((name) => Object.hasOwn(kernel.limits, name))
      ? 'This address lowers the limits.'
      : "That is the GPU's or its driver's own limit; another kernel is taken instead.";
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
