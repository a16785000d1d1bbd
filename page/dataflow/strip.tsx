/** @file A row of K values as a strip of cells, one line a tile; the element looked at is marked. */

import type { RowTrace } from '../../src/dataflow/tiles.js';
import { f32Text } from './number.js';

export interface StripProps {
  readonly name: string;
  readonly trace: RowTrace;
  readonly at: number;
  readonly onChoose: (k: number) => void;
  /** Marks the largest magnitude of each tile where it lies in this row. */
  readonly showLargest?: boolean;
  /** A stretch of K to frame. */
  readonly framed?: { readonly start: number; readonly count: number };
}

/** Cells in a line, at most. */
const lineLength = 128;
const cell = 6;
/** The tallest bar, to either side of zero. */
const reach = 11;
const gap = 7;

export function Strip({ name, trace, at, onChoose, showLargest, framed }: StripProps) {
  const { elements, tiles, row } = trace;
  const width = Math.min(lineLength, elements.length);
  const lines = Math.ceil(elements.length / width);
  const height = lines * (2 * reach + gap) + 2;
  const place = (k: number) => [(k % width) * cell, Math.floor(k / width) * (2 * reach + gap) + 2] as const;
  const most = elements.reduce((largest, { value }) => Math.max(largest, Math.abs(value.value)), 0);
  const choose = (event: MouseEvent) => {
    const k = (event.target as Element).getAttribute('data-k');
    if (k !== null) onChoose(Number(k));
  };
  return (
    <figure class="strip">
      <figcaption>
        {name}, row {row}: {elements.length} values, {tiles.length} {tiles.length === 1 ? 'tile' : 'tiles'}.
        Element {at}: <b>{f32Text(elements[at]?.value.value ?? 0)}</b>
      </figcaption>
      {/* The slider below does the same for keyboards. */}
      <svg viewBox={`-2 0 ${width * cell + 4} ${height}`} onClick={choose} aria-hidden="true">
        {elements.map(({ k, value }) => {
          const [x, y] = place(k);
          const share = most === 0 ? 0 : Math.abs(value.value) / most;
          const size = Math.max(0.6, share * reach);
          return (
            <g key={k}>
              <rect
                class={value.value < 0 ? 'strip-negative' : 'strip-positive'}
                x={x + 0.5}
                y={value.value < 0 ? y + reach : y + reach - size}
                width={cell - 1}
                height={size}
              />
              <rect class="strip-hit" x={x} y={y} width={cell} height={2 * reach} data-k={k}>
                <title>{`k = ${k}: ${f32Text(value.value)}`}</title>
              </rect>
            </g>
          );
        })}
        {Array.from({ length: lines }, (_, line) => {
          const [, y] = place(line * width);
          const count = Math.min(width, elements.length - line * width);
          return <line key={y} class="strip-zero" x1={0} x2={count * cell} y1={y + reach} y2={y + reach} />;
        })}
        {tiles.slice(1).map(({ ks }) => {
          const [x, y] = place(ks[0]);
          return x === 0 ? null : (
            <line key={ks[0]} class="strip-tile" x1={x} x2={x} y1={y - 2} y2={y + 2 * reach + 2} />
          );
        })}
        {framed &&
          Array.from({ length: Math.ceil(framed.count / width) }, (_, i) => {
            const from = framed.start + i * width;
            const [x, y] = place(from);
            const count = Math.min(framed.start + framed.count - from, width - (from % width));
            return (
              <rect
                key={from}
                class="strip-frame"
                x={x}
                y={y - 1}
                width={count * cell}
                height={2 * reach + 2}
              />
            );
          })}
        {showLargest &&
          tiles
            .filter(({ largestAt }) => largestAt.row === row)
            .map(({ largestAt }) => {
              const [x, y] = place(largestAt.k);
              return (
                <circle key={largestAt.k} class="strip-largest" cx={x + cell / 2} cy={y + reach} r={cell} />
              );
            })}
        <StripMark place={place(at)} />
      </svg>
    </figure>
  );
}

function StripMark({ place: [x, y] }: { readonly place: readonly [number, number] }) {
  return <rect class="strip-mark" x={x - 0.5} y={y - 1.5} width={cell + 1} height={2 * reach + 3} rx={1} />;
}
