/** @file The numbers of a format around a value, on a line true to scale. */

import type { Coded } from '../../src/dataflow/explain.js';
import { f32Text } from '../dataflow/number.js';

export interface NumberLineProps {
  /** Ascending; at least two. */
  readonly numbers: readonly Coded[];
  readonly value: number;
  /** The number the value is rounded to. */
  readonly chosen: number;
  readonly onChoose: (coded: Coded) => void;
}

/**
 * Widths of the drawing, and how many numbers stand on either side of the middle one: all, or those a phone has room
 * for.
 */
const drawings = [
  { name: 'line-wide', width: 720, around: Number.POSITIVE_INFINITY },
  { name: 'line-narrow', width: 330, around: 2 },
] as const;
const side = 46;
const axis = 74;

export function NumberLine(props: NumberLineProps) {
  return (
    <figure class="number-line">
      <figcaption class="unseen">
        The numbers of the format around the value, true to scale. The table of neighbours below says the
        same.
      </figcaption>
      {/* The style sheet shows one of them. */}
      {drawings.map((drawing) => (
        <Line key={drawing.name} {...props} {...drawing} numbers={nearest(props, drawing.around)} />
      ))}
    </figure>
  );
}

/** The chosen number and so many on either side; at an end of the format as many in all. */
function nearest({ numbers, chosen }: NumberLineProps, around: number): readonly Coded[] {
  const count = Math.min(numbers.length, 2 * around + 1);
  const found = numbers.findIndex(({ value }) => value >= chosen);
  // Infinity and NaN lie beyond all of them.
  const middle = found < 0 ? numbers.length - 1 : found;
  const start = Math.min(Math.max(0, middle - around), numbers.length - count);
  return numbers.slice(start, start + count);
}

interface LineProps extends NumberLineProps {
  readonly name: string;
  readonly width: number;
}

function Line({ name, width, numbers, value, chosen, onChoose }: LineProps) {
  const low = numbers[0]?.value ?? 0;
  const high = numbers.at(-1)?.value ?? 1;
  const x = (at: number) => side + ((at - low) / (high - low)) * (width - 2 * side);
  const inside = value >= low && value <= high;
  const place = inside ? x(value) : value > high ? width - 10 : value < low ? 10 : width / 2;
  const nearestTo = x(Math.min(Math.max(chosen, low), high));
  // Labels of every number where they are far enough apart, on two levels where they are near.
  return (
    <svg class={name} viewBox={`0 0 ${width} 138`} aria-hidden="true">
      <line class="line-axis" x1={4} x2={width - 4} y1={axis} y2={axis} />
      {inside && Number.isFinite(chosen) && chosen !== value && (
        <line class="line-error" x1={place} x2={nearestTo} y1={axis - 16} y2={axis - 16} />
      )}
      {numbers.map((coded, i) => {
        const at = x(coded.value);
        const taken = Object.is(coded.value, chosen) || coded.value === chosen;
        return (
          // biome-ignore lint/a11y/noStaticElementInteractions: the table below does the same
          <g
            key={coded.code}
            class={taken ? 'line-number line-chosen' : 'line-number'}
            onClick={() => onChoose(coded)}
          >
            <line class="line-tick" x1={at} x2={at} y1={axis - 9} y2={axis + 9} />
            <circle class="line-dot" cx={at} cy={axis} r={taken ? 7 : 4.5} />
            <text class="line-label" x={at} y={axis + (i % 2 === 0 ? 30 : 48)}>
              {f32Text(coded.value)}
            </text>
          </g>
        );
      })}
      {!Number.isNaN(value) && <path class="line-value" d={`M ${place} ${axis - 8} l -7 -14 h 14 z`} />}
      <text class="line-value-label" x={Math.min(Math.max(place, 60), width - 60)} y={axis - 32}>
        {valueText(value)}
        {value > high ? ' ▸ beyond' : value < low ? ' ◂ beyond' : ''}
      </text>
    </svg>
  );
}

function valueText(value: number): string {
  return Number.isNaN(value) ? 'NaN is nowhere on the line' : f32Text(value);
}
