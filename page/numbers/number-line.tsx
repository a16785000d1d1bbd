/** @file The numbers of a format around a value, on a line true to scale. */

import { useEffect, useRef } from 'preact/hooks';
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

const width = 720;
const side = 44;
const axis = 74;

export function NumberLine({ numbers, value, chosen, onChoose }: NumberLineProps) {
  const frame = useRef<HTMLElement>(null);
  const low = numbers[0]?.value ?? 0;
  const high = numbers.at(-1)?.value ?? 1;
  const x = (at: number) => side + ((at - low) / (high - low)) * (width - 2 * side);
  const inside = value >= low && value <= high;
  const place = inside ? x(value) : value > high ? width - 10 : value < low ? 10 : width / 2;
  const nearest = x(Math.min(Math.max(chosen, low), high));
  useEffect(() => {
    // Where the line is wider than the screen, the value is in its middle.
    const { current } = frame;
    if (current) current.scrollLeft = (place / width) * current.scrollWidth - current.clientWidth / 2;
  }, [place]);
  // Labels of every number where they are far enough apart, on two levels where they are near.
  return (
    <figure class="number-line scrolls" ref={frame}>
      <figcaption class="unseen">
        The numbers of the format around the value, true to scale. The table of neighbours below says the
        same.
      </figcaption>
      <svg viewBox={`0 0 ${width} 138`} aria-hidden="true">
        <line class="line-axis" x1={4} x2={width - 4} y1={axis} y2={axis} />
        {inside && Number.isFinite(chosen) && chosen !== value && (
          <line class="line-error" x1={place} x2={nearest} y1={axis - 16} y2={axis - 16} />
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
    </figure>
  );
}

function valueText(value: number): string {
  return Number.isNaN(value) ? 'NaN is nowhere on the line' : f32Text(value);
}
