/** @file One dataflow as a picture: places from memory to registers, arrows as wide as what moves between them. */

import { useId } from 'preact/hooks';
import {
  type Level,
  type Move,
  type Stage,
  type Traffic,
  totalConversions,
} from '../../src/traffic/traffic.js';
import { amountText, bytesText } from './units.js';

const places = ['memory', 'cache', 'workgroup memory', 'matrix unit', 'registers'] as const;
const box = { width: 92, height: 74, y: 84, step: 152 } as const;
const width = box.width + (places.length - 1) * box.step + 4;
const height = 246;
const middle = box.y + box.height / 2;
const widest = 24;

const left = (place: number) => 2 + place * box.step;
const right = (place: number) => left(place) + box.width;

export function FlowPicture({ traffic, most }: { readonly traffic: Traffic; readonly most: number }) {
  const title = useId();
  const { dataflow } = traffic;
  const bytes = (stage: Stage | undefined, level: Level, direction: Move['direction']) =>
    traffic.moves
      .filter((move) => (stage === undefined || move.stage === stage) && move.level === level)
      .filter((move) => move.direction === direction)
      .reduce((sum, move) => sum + move.bytes, 0);
  const thickness = (amount: number) => Math.max(1.5, widest * Math.sqrt(amount / most));
  const castRead = bytes('cast', 'memory', 'read');
  const castWrite = bytes('cast', 'memory', 'write');
  const casts = totalConversions(traffic, 'quantize');
  const promotions = totalConversions(traffic, 'promote');
  const output = bytes('store', 'memory', 'write');
  const accumulators = bytes('promote', 'registers', 'read') + bytes('promote', 'registers', 'write');
  return (
    <figure class="flow">
      <figcaption id={title}>
        <h3>{dataflow.title}</h3>
        <p>{dataflow.summary}.</p>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <section class="flow-frame scrolls" tabIndex={0} aria-labelledby={title}>
        <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={describe(traffic)}>
          {places.map((place, i) => (
            <g key={place}>
              <rect class="flow-box" x={left(i)} y={box.y} width={box.width} height={box.height} rx={6} />
              <text
                class="flow-place"
                x={left(i) + box.width / 2}
                y={middle + (place.includes(' ') ? -4 : 4)}
              >
                {place.split(' ').map((word, line) => (
                  <tspan key={word} x={left(i) + box.width / 2} dy={line * 15}>
                    {word}
                  </tspan>
                ))}
              </text>
            </g>
          ))}
          <Arrow from={0} amount={bytes('load', 'memory', 'read')} thickness={thickness} note="at least" />
          <Arrow from={1} amount={bytes('load', 'cache', 'read')} thickness={thickness} />
          <Arrow from={2} amount={bytes(undefined, 'workgroup', 'read')} thickness={thickness} />
          <Arrow from={3} amount={bytes('multiply', 'registers', 'write')} thickness={thickness} />
          {castRead > 0 && (
            <Loop
              x={left(0) + 6}
              reach={54}
              up
              lines={[
                `read ${bytesText(castRead)}${castWrite > 0 ? ',' : ''}`,
                ...(castWrite > 0 ? [`write ${bytesText(castWrite)}`] : []),
              ]}
              size={thickness(castRead)}
            />
          )}
          {accumulators > 0 && (
            <Loop
              x={left(4) + 6}
              reach={54}
              up
              lines={[bytesText(accumulators)]}
              size={thickness(accumulators)}
            />
          )}
          <path
            class="flow-arrow"
            d={`M ${left(4) + box.width / 2} ${box.y + box.height} V 206 H ${left(0) + box.width / 2} V ${box.y + box.height + 8}`}
            stroke-width={thickness(output)}
          />
          <path class="flow-head" d={headUp(left(0) + box.width / 2, box.y + box.height)} />
          <text class="flow-bytes" x={width / 2} y={226}>
            D: {bytesText(output)} written
          </text>
          <Work {...castPlace(dataflow.cast)} text={`cast ${amountText(casts)} ×`} />
          <Work
            x={dataflow.scaling === 'promoted' ? left(4) + box.width / 2 : left(3) + box.width / 2}
            y={box.y + box.height + 2}
            text={dataflow.scaling === 'promoted' ? `scale ${amountText(promotions)} ×` : 'scales inside'}
          />
        </svg>
      </section>
    </figure>
  );
}

/** Where values become codes. */
function castPlace(cast: Traffic['dataflow']['cast']): { x: number; y: number } {
  if (cast === 'fused') return { x: right(1) + (box.step - box.width) / 2, y: box.y + box.height + 18 };
  return { x: left(0) + box.width / 2, y: cast === 'separate' ? 50 : box.y + box.height + 2 };
}

interface ArrowProps {
  readonly from: number;
  readonly amount: number;
  readonly thickness: (amount: number) => number;
  readonly note?: string;
}

function Arrow({ from, amount, thickness, note }: ArrowProps) {
  const start = right(from);
  const end = left(from + 1);
  const size = thickness(amount);
  const head = Math.max(10, size + 8);
  const tip = 12;
  return (
    <g>
      <line class="flow-arrow" x1={start} x2={end - tip} y1={middle} y2={middle} stroke-width={size} />
      <path
        class="flow-head"
        d={`M ${end - tip} ${middle - head / 2} L ${end - 1} ${middle} L ${end - tip} ${middle + head / 2} Z`}
      />
      <text class="flow-bytes" x={(start + end) / 2} y={middle - head / 2 - 6}>
        {bytesText(amount)}
      </text>
      {note && (
        <text class="flow-note" x={(start + end) / 2} y={middle - head / 2 - 19}>
          {note}
        </text>
      )}
    </g>
  );
}

interface LoopProps {
  readonly x: number;
  readonly reach: number;
  readonly up: true;
  readonly lines: readonly string[];
  readonly size: number;
}

/** An arrow that leaves a place and comes back to it. */
function Loop({ x, lines, size }: LoopProps) {
  const far = x + box.width - 12;
  return (
    <g>
      <path
        class="flow-arrow"
        d={`M ${x + 6} ${box.y} V 50 H ${far - 6} V ${box.y - 10}`}
        stroke-width={Math.min(size, 12)}
      />
      <path class="flow-head" d={`M ${far - 14} ${box.y - 12} H ${far + 2} L ${far - 6} ${box.y - 1} Z`} />
      {lines.map((line, i) => (
        <text key={line} class="flow-bytes" x={x + box.width / 2 - 6} y={lines.length > 1 ? 14 + i * 15 : 34}>
          {line}
        </text>
      ))}
    </g>
  );
}

function headUp(x: number, y: number): string {
  return `M ${x - 8} ${y + 12} H ${x + 8} L ${x} ${y + 1} Z`;
}

/** Work done on the way. */
function Work({ x, y, text }: { readonly x: number; readonly y: number; readonly text: string }) {
  const size = text.length * 6.4 + 14;
  const start = Math.min(Math.max(x - size / 2, 1), width - size - 1);
  return (
    <g>
      <rect class="flow-work" x={start} y={y - 11} width={size} height={20} rx={10} />
      <text class="flow-work-text" x={start + size / 2} y={y + 3}>
        {text}
      </text>
    </g>
  );
}

/** The picture in words: every move and conversion, stage by stage. */
function describe({ dataflow, moves, conversions }: Traffic): string {
  return [
    `${dataflow.title}.`,
    ...moves.map(
      ({ stage, level, direction, what, bytes }) =>
        `${stage}: ${level} ${direction} ${what}, ${bytesText(bytes)}.`,
    ),
    ...conversions.map(({ stage, what, count }) => `${stage}: ${what}, ${amountText(count)} times.`),
  ].join(' ');
}
