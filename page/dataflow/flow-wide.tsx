/** @file A dataflow from left to right: places, arrows as wide as what moves between them, D on its way back. */

import { castLines, places } from './flow-amounts.js';
import type { ArrowProps, FlowDrawing, LoopProps } from './flow-picture.js';
import { Work } from './flow-work.js';
import { bytesText } from './units.js';

const box = { width: 92, height: 74, y: 84, step: 152 } as const;
const width = box.width + (places.length - 1) * box.step + 4;
const height = 246;
const middle = box.y + box.height / 2;
const bottom = box.y + box.height;

const left = (place: number) => 2 + place * box.step;
const right = (place: number) => left(place) + box.width;
const centre = (place: number) => left(place) + box.width / 2;

export function FlowWide({ traffic: { dataflow }, amounts, thickness, label }: FlowDrawing) {
  const { forward, castRead, accumulators, output } = amounts;
  return (
    <svg class="flow-wide" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      {places.map((place, i) => (
        <g key={place}>
          <rect class="flow-box" x={left(i)} y={box.y} width={box.width} height={box.height} rx={6} />
          <text class="flow-place" y={middle + (place.includes(' ') ? -4 : 4)}>
            {place.split(' ').map((word, line) => (
              <tspan key={word} x={centre(i)} dy={line * 15}>
                {word}
              </tspan>
            ))}
          </text>
        </g>
      ))}
      {forward.map((bytes, from) => (
        <Arrow key={places[from]} from={from} bytes={bytes} size={thickness(bytes)} />
      ))}
      {castRead > 0 && <Loop place={0} lines={castLines(amounts)} size={thickness(castRead)} />}
      {accumulators > 0 && (
        <Loop place={4} lines={[`sums ${bytesText(accumulators)}`]} size={thickness(accumulators)} />
      )}
      <path
        class="flow-arrow"
        d={`M ${centre(4)} ${bottom} V 206 H ${centre(0)} V ${bottom + 8}`}
        stroke-width={thickness(output)}
      />
      <path
        class="flow-head"
        d={`M ${centre(0) - 8} ${bottom + 12} H ${centre(0) + 8} L ${centre(0)} ${bottom + 1} Z`}
      />
      <text class="flow-bytes" x={width / 2} y={226}>
        D: {bytesText(output)} written
      </text>
      <Work {...castPlace(dataflow.cast)} text={amounts.casts} within={width} />
      <Work
        x={centre(dataflow.scaling === 'promoted' ? 4 : 3)}
        y={bottom + 1}
        text={amounts.scaling}
        within={width}
      />
    </svg>
  );
}

/** Where values become codes. */
function castPlace(cast: FlowDrawing['traffic']['dataflow']['cast']): { x: number; y: number } {
  if (cast === 'fused') return { x: right(1) + (box.step - box.width) / 2, y: bottom + 17 };
  return { x: centre(0), y: cast === 'separate' ? 49 : bottom + 1 };
}

function Arrow({ from, bytes, size }: ArrowProps) {
  const [start, end] = [right(from), left(from + 1)];
  const head = Math.max(10, size + 8);
  const tip = end - 12;
  return (
    <g>
      <line class="flow-arrow" x1={start} x2={tip} y1={middle} y2={middle} stroke-width={size} />
      <path
        class="flow-head"
        d={`M ${tip} ${middle - head / 2} L ${end - 1} ${middle} L ${tip} ${middle + head / 2} Z`}
      />
      <text class="flow-bytes" x={(start + end) / 2} y={middle - head / 2 - 6}>
        {bytesText(bytes)}
      </text>
      {from === 0 && (
        <text class="flow-note" x={(start + end) / 2} y={middle - head / 2 - 19}>
          at least
        </text>
      )}
    </g>
  );
}

/** An arrow that leaves a place and comes back to it. */
function Loop({ place, lines, size }: LoopProps) {
  const near = left(place) + 12;
  const far = right(place) - 12;
  return (
    <g>
      <path
        class="flow-arrow"
        d={`M ${near} ${box.y} V 50 H ${far} V ${box.y - 10}`}
        stroke-width={Math.min(size, 12)}
      />
      <path class="flow-head" d={`M ${far - 8} ${box.y - 12} H ${far + 8} L ${far} ${box.y - 1} Z`} />
      {lines.map((line, i) => (
        <text key={line} class="flow-bytes" x={centre(place)} y={lines.length > 1 ? 14 + i * 15 : 34}>
          {line}
        </text>
      ))}
    </g>
  );
}
