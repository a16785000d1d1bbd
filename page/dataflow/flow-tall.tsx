/** @file A dataflow from top to bottom, for screens too narrow for five places in a row. */

import { castLines, places } from './flow-amounts.js';
import type { ArrowProps, FlowDrawing, LoopProps } from './flow-picture.js';
import { Work, workSize } from './flow-work.js';
import { bytesText } from './units.js';

const box = { x: 34, width: 142, height: 44, y: 16, step: 100 } as const;
const width = 300;
const height = 516;
/** Where arrows go down, and where D goes back up. */
const down = box.x + box.width / 2;
const back = 14;
const edge = box.x + box.width;

const top = (place: number) => box.y + place * box.step;
const bottom = (place: number) => top(place) + box.height;
const middle = (place: number) => top(place) + box.height / 2;

export function FlowTall({ traffic: { dataflow }, amounts, thickness, label }: FlowDrawing) {
  const { forward, castRead, accumulators, output } = amounts;
  const turn = bottom(4) + 20;
  return (
    <svg class="flow-tall" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      {places.map((place, i) => (
        <g key={place}>
          <rect class="flow-box" x={box.x} y={top(i)} width={box.width} height={box.height} rx={6} />
          <text class="flow-place" x={down} y={middle(i) + 4}>
            {place}
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
        d={`M ${down} ${bottom(4)} V ${turn} H ${back} V ${middle(0)} H ${box.x - 10}`}
        stroke-width={thickness(output)}
      />
      <path
        class="flow-head"
        d={`M ${box.x - 12} ${middle(0) - 8} V ${middle(0) + 8} L ${box.x - 1} ${middle(0)} Z`}
      />
      <text class="flow-bytes flow-beside" x={back} y={turn + 26}>
        D: {bytesText(output)} written
      </text>
      <Work {...castPlace(dataflow.cast, amounts.casts)} text={amounts.casts} within={width} />
      <Work
        x={edge}
        y={dataflow.scaling === 'promoted' ? bottom(4) + 5 : bottom(3)}
        text={amounts.scaling}
        within={width}
      />
    </svg>
  );
}

/** Where values become codes. */
function castPlace(cast: FlowDrawing['traffic']['dataflow']['cast'], text: string): { x: number; y: number } {
  if (cast === 'fused') return { x: down + 22 + workSize(text) / 2, y: bottom(1) + 38 };
  return { x: edge, y: cast === 'separate' ? top(0) - 4 : bottom(0) };
}

function Arrow({ from, bytes, size }: ArrowProps) {
  const head = Math.max(10, size + 8);
  const tip = top(from + 1) - 12;
  return (
    <g>
      <line class="flow-arrow" x1={down} x2={down} y1={bottom(from)} y2={tip} stroke-width={size} />
      <path
        class="flow-head"
        d={`M ${down - head / 2} ${tip} H ${down + head / 2} L ${down} ${top(from + 1) - 1} Z`}
      />
      <text class="flow-bytes flow-beside" x={down + 22} y={bottom(from) + 24}>
        {from === 0 && 'at least '}
        {bytesText(bytes)}
      </text>
    </g>
  );
}

/** An arrow that leaves a place and comes back to it. */
function Loop({ place, lines, size }: LoopProps) {
  const [leaves, returns] = [top(place) + 11, bottom(place) - 15];
  const far = edge + 17;
  return (
    <g>
      <path
        class="flow-arrow"
        d={`M ${edge} ${leaves} H ${far} V ${returns} H ${edge + 10}`}
        stroke-width={Math.min(size, 10)}
      />
      <path
        class="flow-head"
        d={`M ${edge + 12} ${returns - 7} V ${returns + 7} L ${edge + 1} ${returns} Z`}
      />
      {lines.map((line, i) => (
        <text
          key={line}
          class="flow-bytes flow-beside"
          x={far + 9}
          y={middle(place) + 4 + (i - (lines.length - 1) / 2) * 15}
        >
          {line}
        </text>
      ))}
    </g>
  );
}
