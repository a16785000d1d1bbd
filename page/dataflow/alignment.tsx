/** @file The accumulator at work: every term of a step, bit under bit, and what falls off below the cut. */

import { useId } from 'preact/hooks';
import { termBits, type WeightedBit, weightedBits } from '../../src/dataflow/bits.js';
import type { StepTrace, TermTrace } from '../../src/dataflow/steps.js';
import { roughText } from './number.js';

export interface AlignmentProps {
  readonly step: StepTrace;
  /** Fraction bits of the instruction's result. */
  readonly outputBits: number;
  readonly at: number;
  readonly onChoose: (k: number) => void;
}

const cell = 13;
const line = 16;
const left = 78;
const top = 40;
const labelWidth = 76;
/** Of its own size: a phone shrinks the drawing so far, and scrolls what is wider still. */
const smallest = 0.8;

export function Alignment({ step, outputBits, at, onChoose }: AlignmentProps) {
  const hatch = useId();
  const terms = step.terms.filter(({ value }) => value !== 0);
  const zeros = step.terms.length - terms.length;
  const rows = terms.map((term) => ({ term, bits: termBits(term) }));
  const cut = step.alignment ? Math.log2(step.alignment.unit) : -Infinity;
  const sum = sumBits(
    step,
    rows.flatMap(({ bits }) => bits.map(({ weight }) => weight)),
  );
  const weights = [...rows.flatMap(({ bits }) => bits), ...sum].map(({ weight }) => weight);
  const highest = Math.max(...weights, 0);
  const lowest = Math.min(...weights, 0);
  const x = (weight: number) => left + (highest - weight) * cell;
  const y = (row: number) => top + row * line;
  // The labels at the cut need room where nothing reaches below it.
  const width = Math.max(x(lowest) + cell + 8, step.alignment ? x(cut) + cell + labelWidth : 0);
  const sumRow = rows.length + 0.6;
  const height = y(sumRow) + line + 22;
  const resultCut =
    step.rounded === 0 ? -Infinity : Math.floor(Math.log2(Math.abs(step.rounded))) - outputBits;
  const lostCount = rows.filter(({ term }) => term.lost !== 0).length;
  return (
    <div class="alignment">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <section class="alignment-frame" tabIndex={0} aria-label="Bits of the step's terms">
        <svg
          viewBox={`0 0 ${width} ${height}`}
          width={width}
          style={{ minWidth: `${smallest * width}px` }}
          role="img"
          aria-label={
            `The bits of ${rows.length} terms under each other, from 2^${highest} down to 2^${lowest}. ` +
            (step.alignment
              ? `${lostCount} of them lose bits below 2^${cut}; the table below has their numbers.`
              : 'Nothing is lost.')
          }
        >
          <defs>
            <pattern
              id={hatch}
              width="4"
              height="4"
              patternUnits="userSpaceOnUse"
              patternTransform="rotate(45)"
            >
              <rect class="hatch-ground" width="4" height="4" />
              <line class="hatch-line" x1="0" y1="0" x2="0" y2="4" />
            </pattern>
          </defs>
          <Scale highest={highest} lowest={lowest} x={x} />
          {rows.map(({ term, bits }, row) => (
            <Term
              key={String(term.k)}
              term={term}
              bits={bits}
              y={y(row)}
              x={x}
              cut={cut}
              hatch={hatch}
              chosen={term.k === at}
              leading={term.exponent === step.alignment?.largest}
              onChoose={onChoose}
            />
          ))}
          <line class="align-rule" x1={4} x2={width - 4} y1={y(sumRow) - 5} y2={y(sumRow) - 5} />
          <text class="align-label align-strong" x={4} y={y(sumRow) + 11}>
            sum {step.kept < 0 ? '−' : '+'}
          </text>
          {sum.map(({ weight, bit }) => (
            <Bit
              key={weight}
              x={x(weight)}
              y={y(sumRow)}
              bit={bit}
              kind={weight < resultCut ? 'lost' : 'sum'}
              hatch={hatch}
            />
          ))}
          {step.alignment && (
            <>
              <line
                class="align-cut"
                x1={x(cut) + cell}
                x2={x(cut) + cell}
                y1={top - 14}
                y2={y(sumRow) + line}
              />
              <text class="align-cut-label" x={x(cut) + cell + 5} y={y(sumRow) + line + 15}>
                falls off ▸
              </text>
              <text class="align-keep-label" x={x(cut) + cell - 5} y={y(sumRow) + line + 15}>
                ◂ kept
              </text>
            </>
          )}
        </svg>
      </section>
      {zeros > 0 && (
        <p class="note">
          {zeros} {zeros === 1 ? 'product is' : 'products are'} 0 and not drawn.
        </p>
      )}
      <details class="details">
        <summary>As a table</summary>
        <table class="plain-table">
          <caption class="unseen">The terms of the step: values, what is kept and what is lost</caption>
          <thead>
            <tr>
              <th scope="col">term</th>
              <th scope="col">significand</th>
              <th scope="col">exponent</th>
              <th scope="col">value</th>
              <th scope="col">kept</th>
              <th scope="col">lost</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ term }) => (
              <tr key={String(term.k)}>
                <th scope="row">{termName(term)}</th>
                <td>{term.significand}</td>
                <td>{term.exponent}</td>
                <td>{roughText(term.value)}</td>
                <td>{roughText(term.kept)}</td>
                <td class={term.lost === 0 ? undefined : 'lost-text'}>{roughText(term.lost)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </div>
  );
}

/** The bits of what is left of all terms together; none where there are more than a double can tell. */
function sumBits({ kept, alignment }: StepTrace, weights: readonly number[]): WeightedBit[] {
  const lowest = alignment ? Math.log2(alignment.unit) : Math.min(...weights);
  const units = Math.abs(kept) / 2 ** lowest;
  return kept !== 0 && Number.isSafeInteger(units) ? weightedBits(units, lowest) : [];
}

function termName({ k }: TermTrace): string {
  return k === 'sum' ? 'sum so far' : `k = ${k}`;
}

interface ScaleProps {
  readonly highest: number;
  readonly lowest: number;
  readonly x: (weight: number) => number;
}

/** Powers of two above the bits, every fourth with its exponent. */
function Scale({ highest, lowest, x }: ScaleProps) {
  const weights = Array.from({ length: highest - lowest + 1 }, (_, i) => highest - i);
  return (
    <g>
      <text class="align-label" x={4} y={top - 18}>
        bits worth
      </text>
      {weights
        .filter((weight) => weight % 4 === 0)
        .map((weight) => (
          <g key={weight}>
            <text class="align-weight" x={x(weight) + cell / 2} y={top - 18}>
              2
              <tspan class="align-exponent" dy={-5}>
                {String(weight).replace('-', '−')}
              </tspan>
            </text>
            <line
              class="align-tick"
              x1={x(weight) + cell / 2}
              x2={x(weight) + cell / 2}
              y1={top - 12}
              y2={top - 5}
            />
          </g>
        ))}
    </g>
  );
}

interface TermProps {
  readonly term: TermTrace;
  readonly bits: readonly WeightedBit[];
  readonly x: (weight: number) => number;
  readonly y: number;
  readonly cut: number;
  readonly hatch: string;
  readonly chosen: boolean;
  readonly leading: boolean;
  readonly onChoose: (k: number) => void;
}

function Term({ term, bits, x, y, cut, hatch, chosen, leading, onChoose }: TermProps) {
  const { k } = term;
  const choose = typeof k === 'number' ? () => onChoose(k) : undefined;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the slider of K does the same
    <g class={chosen ? 'align-term align-chosen' : 'align-term'} onClick={choose}>
      {chosen && <rect class="align-row" x={0} y={y - 1} width="100%" height={line} />}
      <text class="align-label" x={4} y={y + 11}>
        {k === 'sum' ? 'so far' : `k ${k}`} {term.value < 0 ? '−' : '+'}
        {leading ? ' M' : ''}
      </text>
      {bits.map(({ weight, bit }) => (
        <Bit
          key={weight}
          x={x(weight)}
          y={y}
          bit={bit}
          kind={weight < cut ? 'lost' : k === 'sum' ? 'sum' : 'kept'}
          hatch={hatch}
        />
      ))}
    </g>
  );
}

interface BitProps {
  readonly x: number;
  readonly y: number;
  readonly bit: 0 | 1;
  readonly kind: 'kept' | 'sum' | 'lost';
  readonly hatch: string;
}

/** A lost bit is red, and hatched and struck through for those who cannot tell red. */
function Bit({ x, y, bit, kind, hatch }: BitProps) {
  const lostOne = kind === 'lost' && bit === 1;
  return (
    <>
      <rect
        class={`align-bit align-${kind} align-${bit === 1 ? 'one' : 'zero'}`}
        x={x + 0.5}
        y={y}
        width={cell - 1}
        height={line - 2}
        rx={2}
        {...(lostOne ? { fill: `url(#${hatch})` } : {})}
      />
      <text class={`align-digit align-digit-${kind}`} x={x + cell / 2} y={y + 11}>
        {bit}
      </text>
      {lostOne && <line class="align-strike" x1={x + 1} x2={x + cell - 1} y1={y + line - 3} y2={y + 1} />}
    </>
  );
}
