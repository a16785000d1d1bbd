/** @file One dataflow as a picture, from memory to registers: side by side, or one below the other on a phone. */

import type { Traffic } from '../../src/traffic/traffic.js';
import { capital, sentence } from '../components/sentence.js';
import { describe, flowAmounts, thicknessOf } from './flow-amounts.js';
import { FlowTall } from './flow-tall.js';
import { FlowWide } from './flow-wide.js';

export interface FlowDrawing {
  readonly traffic: Traffic;
  readonly amounts: ReturnType<typeof flowAmounts>;
  readonly thickness: (bytes: number) => number;
  /** The picture in words. */
  readonly label: string;
}

/** What moves from a place to the next one. */
export interface ArrowProps {
  readonly from: number;
  readonly bytes: number;
  readonly size: number;
}

/** What leaves a place and comes back to it. */
export interface LoopProps {
  readonly place: number;
  readonly lines: readonly string[];
  readonly size: number;
}

export function FlowPicture({ traffic, most }: { readonly traffic: Traffic; readonly most: number }) {
  const { title, summary } = traffic.dataflow;
  const drawing: FlowDrawing = {
    traffic,
    amounts: flowAmounts(traffic),
    thickness: thicknessOf(most),
    label: describe(traffic),
  };
  return (
    <figure class="flow">
      <figcaption>
        <h3>{capital(title)}</h3>
        <p>{sentence(capital(summary))}</p>
      </figcaption>
      {/* The style sheet shows one of them, so that nothing waits for a script to measure the screen. */}
      <FlowWide {...drawing} />
      <FlowTall {...drawing} />
    </figure>
  );
}
