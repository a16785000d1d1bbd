/** @file What optional features are for, and how to get those that are missing, in the reader's own browser. Pure. */

import type { featureNames } from '../../src/gpu/device.js';
import type { BrowserName } from './browser-name.js';

export type FeatureName = (typeof featureNames)[number];

/** What octile uses a feature for. */
export const featureUses: Readonly<Record<FeatureName, string>> = {
  'shader-f16': 'Arithmetic in 16 bits, twice as fast as f32 on many GPUs.',
  subgroups: 'Threads that exchange values without memory.',
  'timestamp-query':
    "Times by the GPU's own clock; without it, by the host's, which also counts the way there.",
  'chromium-experimental-subgroup-matrix':
    'Matrix units (tensor cores), an experiment of Chromium. They take f16 or f32: no browser offers FP8 units.',
};

export interface FeatureAdvice {
  readonly text: string;
  /** To paste after the text. */
  readonly paste?: string;
  /** What to make of it if that does not help. */
  readonly otherwise?: string;
}

/** The flag that lets Chromium's browsers use WebGPU where they would not, and offers experimental features. */
export function unsafeFlag({ family }: BrowserName): string {
  return `${family === 'Edge' ? 'edge' : 'chrome'}://flags/#enable-unsafe-webgpu`;
}

/**
 * How to get a feature that is missing.
 * @param vendor of the adapter, as WebGPU names it: "nvidia"
 */
export function featureAdvice(name: FeatureName, browser: BrowserName, vendor: string): FeatureAdvice {
  const { family, system } = browser;
  const chromium = family === 'Chrome' || family === 'Edge';
  if (name === 'chromium-experimental-subgroup-matrix')
    return chromium
      ? {
          text: 'Open this address, choose “Enabled”, restart the browser:',
          paste: unsafeFlag(browser),
          otherwise: 'If it stays missing, this GPU or its driver offers no matrix units to the browser.',
        }
      : { text: 'Only Chrome and Edge offer it so far, behind a flag.' };
  // Dawn's toggle for drivers whose f16 it does not trust; it has no page of its own among the flags.
  if (name === 'shader-f16' && chromium && system === 'Linux' && vendor === 'nvidia')
    return {
      text: 'For NVIDIA under Linux the browser keeps it off. Close the browser and start it from a terminal:',
      paste: `${family === 'Edge' ? 'microsoft-edge' : 'google-chrome'} --enable-unsafe-webgpu --enable-features=Vulkan --enable-dawn-features=vulkan_enable_f16_on_nvidia`,
      otherwise: 'That switches matrix units on as well.',
    };
  return { text: 'A newer browser or driver may offer it; some GPUs do not have it.' };
}
