/** @file What the pictures of a dataflow draw, out of the moves and conversions of the model. */

import {
  type Level,
  type Move,
  type Stage,
  type Traffic,
  totalConversions,
} from '../../src/traffic/traffic.js';
import { amountText, bytesText } from './units.js';

/** From where the operands lie to where the sums lie. */
export const places = ['memory', 'cache', 'workgroup memory', 'matrix unit', 'registers'] as const;

/** Bytes by the arrow that they are drawn as, and work by the label. */
export interface FlowAmounts {
  /** From each place to the next. */
  readonly forward: readonly [number, number, number, number];
  /** Out of memory to be cast, and back as codes; 0 where there is no such pass. */
  readonly castRead: number;
  readonly castWrite: number;
  /** Partial sums, read and written again by promotion. */
  readonly accumulators: number;
  /** The finished product. */
  readonly output: number;
  readonly casts: string;
  readonly scaling: string;
}

export function flowAmounts(traffic: Traffic): FlowAmounts {
  const bytes = (stage: Stage | undefined, level: Level, direction: Move['direction']) =>
    traffic.moves
      .filter((move) => (stage === undefined || move.stage === stage) && move.level === level)
      .filter((move) => move.direction === direction)
      .reduce((sum, move) => sum + move.bytes, 0);
  return {
    forward: [
      bytes('load', 'memory', 'read'),
      bytes('load', 'cache', 'read'),
      bytes(undefined, 'workgroup', 'read'),
      bytes('multiply', 'registers', 'write'),
    ],
    castRead: bytes('cast', 'memory', 'read'),
    castWrite: bytes('cast', 'memory', 'write'),
    accumulators: bytes('promote', 'registers', 'read') + bytes('promote', 'registers', 'write'),
    output: bytes('store', 'memory', 'write'),
    casts: `cast ${amountText(totalConversions(traffic, 'quantize'))} ×`,
    scaling:
      traffic.dataflow.scaling === 'promoted'
        ? `scale ${amountText(totalConversions(traffic, 'promote'))} ×`
        : 'scales inside',
  };
}

/** What is written at the loop of a cast pass. */
export function castLines({ castRead, castWrite }: FlowAmounts): string[] {
  if (castWrite === 0) return [`read ${bytesText(castRead)}`];
  return [`read ${bytesText(castRead)},`, `write ${bytesText(castWrite)}`];
}

/** An arrow's width for its bytes, where `most` bytes have the widest: their square root, and never nothing. */
export function thicknessOf(most: number): (bytes: number) => number {
  return (bytes) => Math.max(1.5, 24 * Math.sqrt(bytes / most));
}

/** The picture in words: every move and conversion, stage by stage. */
export function describe({ dataflow, moves, conversions }: Traffic): string {
  return [
    `${dataflow.title}.`,
    ...moves.map(
      ({ stage, level, direction, what, bytes }) =>
        `${stage}: ${level} ${direction} ${what}, ${bytesText(bytes)}.`,
    ),
    ...conversions.map(({ stage, what, count }) => `${stage}: ${what}, ${amountText(count)} times.`),
  ].join(' ');
}
