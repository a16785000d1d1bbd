/** @file The page's views, in the order of its menu. Each is loaded when it is shown, or when the page is idle. */

import type { ComponentType } from 'preact';
import type { Route } from './route.js';

export interface ViewProps {
  readonly route: Route;
}

export interface View {
  /** Its place in the address: `#/id`. */
  readonly id: string;
  /** In the menu. */
  readonly title: string;
  /** What it shows, in a sentence; also under the menu's pointer. */
  readonly description: string;
  load(): Promise<{ readonly default: ComponentType<ViewProps> }>;
}

export const views: readonly View[] = [
  {
    id: 'benchmark',
    title: 'Benchmark',
    description: 'How fast this GPU multiplies in FP8, and whether every result is right.',
    load: () => import('./benchmark/view.js'),
  },
  {
    id: 'dataflow',
    title: 'Dataflow',
    description:
      'The way of a number through an FP8 product, bit by bit, and what each way through the chip moves.',
    load: () => import('./dataflow/view.js'),
  },
  {
    id: 'numbers',
    title: 'Numbers',
    description:
      'A value in every format: its code, its neighbours, how it is rounded, and by how much it is off.',
    load: () => import('./numbers/view.js'),
  },
  {
    id: 'accumulator',
    title: 'Accumulator',
    description:
      'What a matrix instruction loses as sums grow longer, and what promotion saves, measured on this GPU.',
    load: () => import('./accumulator/view.js'),
  },
  {
    id: 'device',
    title: 'Device',
    description: 'What this browser and this GPU offer, and what they lack.',
    load: () => import('./device/view.js'),
  },
];
