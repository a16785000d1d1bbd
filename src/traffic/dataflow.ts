/**
 * @file The ways of data through a scaled FP8 product: where activations are cast, and where scales are applied.
 * DeepSeek-V3's report (arXiv 2412.19437, section 3.5.2) describes the first as today's and asks for the others.
 */

import { ArgumentError } from '../errors.js';

export interface Dataflow {
  readonly name: string;
  /** In a few words. */
  readonly title: string;
  /** In a sentence. */
  readonly summary: string;
  /**
   * - separate: a pass of its own reads values and writes codes, which the product reads again
   * - fused: the product reads values and casts them on their way into workgroup memory
   * - near-memory: the memory casts while it is read, and only codes travel
   */
  readonly cast: 'separate' | 'fused' | 'near-memory';
  /**
   * - promoted: partial sums leave the matrix unit after every interval, are scaled and added outside
   * - in-mma: the matrix unit takes the scales, and sums stay inside until they are finished
   */
  readonly scaling: 'promoted' | 'in-mma';
}

export const dataflows: readonly Dataflow[] = [
  {
    name: 'separate',
    title: 'separate cast',
    summary: "today's hardware: read the values, write their codes, read the codes again; promote outside",
    cast: 'separate',
    scaling: 'promoted',
  },
  {
    name: 'fused',
    title: 'cast fused with the load',
    summary: 'the product reads the values and casts each tile on its way into workgroup memory',
    cast: 'fused',
    scaling: 'promoted',
  },
  {
    name: 'near-memory',
    title: 'cast near the memory',
    summary: 'the memory casts while it is read, so that only codes and scales travel',
    cast: 'near-memory',
    scaling: 'promoted',
  },
  {
    name: 'in-mma',
    title: 'scales inside the matrix unit',
    summary: 'separate cast, but the matrix unit takes the scales and keeps the sums until the end',
    cast: 'separate',
    scaling: 'in-mma',
  },
  {
    name: 'fused-in-mma',
    title: 'fused cast, scales inside',
    summary: 'the cast fused with the load, and the scales inside the matrix unit',
    cast: 'fused',
    scaling: 'in-mma',
  },
];

/**
 * The dataflow of that name.
 * @throws ArgumentError if there is none
 */
export function dataflowByName(name: string): Dataflow {
  const found = dataflows.find((dataflow) => dataflow.name === name);
  if (!found) throw new ArgumentError('dataflow', name, dataflows.map((one) => one.name).join(', '));
  return found;
}
