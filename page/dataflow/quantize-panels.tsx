/** @file The panels of the stages from values to codes. */

import { codeBits, f32CodeBits } from '../../src/dataflow/bits.js';
import type { DataflowRun } from '../../src/dataflow/run.js';
import type { ElementTrace, RowTrace } from '../../src/dataflow/tiles.js';
import type { OutputTrace, QuotedStep } from '../../src/dataflow/trace.js';
import { codeCount } from '../../src/format/format.js';
import { maxFinite } from '../../src/format/formats.js';
import { CodeBitsDrawing } from './code-bits.js';
import { f32Text, Power, roughText, Sourced } from './number.js';
import { Strip } from './strip.js';

export interface PanelProps {
  readonly run: DataflowRun;
  readonly trace: OutputTrace;
  /** The element of K that is looked at, and the step of the instruction that holds it. */
  readonly at: number;
  readonly step: QuotedStep;
  readonly onChoose: (k: number) => void;
}

export const sideNames = { a: 'A, activations', b: 'B, weights' } as const;

/** Both operands, one beside the other. */
function bothSides(
  { trace, at }: PanelProps,
  draw: (side: RowTrace, element: ElementTrace, name: string) => preact.ComponentChildren,
) {
  return (
    <div class="sides">
      {(['a', 'b'] as const).map((name) => {
        const side = trace[name];
        const element = side.elements[at];
        return (
          <div key={name} class="side">
            <h4>{sideNames[name]}</h4>
            {element && draw(side, element, name)}
          </div>
        );
      })}
    </div>
  );
}

export function ValuesPanel({ trace, at, onChoose }: PanelProps) {
  const [a, b] = [trace.a.elements[at], trace.b.elements[at]];
  return (
    <>
      <Strip name="A" trace={trace.a} at={at} onChoose={onChoose} />
      <Strip name="B" trace={trace.b} at={at} onChoose={onChoose} />
      {a && b && (
        <dl class="facts">
          <dt>A at element {at}</dt>
          <dd>
            <Sourced number={a.value} />
          </dd>
          <dt>B at element {at}</dt>
          <dd>
            <Sourced number={b.value} />
          </dd>
          <dt>in 32 bits, A is</dt>
          <dd>
            <CodeBitsDrawing bits={f32CodeBits(a.value.value)} named />
          </dd>
        </dl>
      )}
    </>
  );
}

export function AmaxPanel(props: PanelProps) {
  const { trace, at, onChoose } = props;
  return (
    <>
      <Strip name="A" trace={trace.a} at={at} onChoose={onChoose} showLargest />
      <Strip name="B" trace={trace.b} at={at} onChoose={onChoose} showLargest />
      {bothSides(props, (side, { tile }) => (
        <dl class="facts">
          <dt>tile of element {at}</dt>
          <dd>
            {side.side.quantization.granularity.name}: rows {tile.rows[0]} to {tile.rows[1] - 1}, elements{' '}
            {tile.ks[0]} to {tile.ks[1] - 1} of K
          </dd>
          <dt>largest magnitude</dt>
          <dd>
            <Sourced number={tile.amax} />
          </dd>
          <dt>where</dt>
          <dd>
            row {tile.largestAt.row}, element {tile.largestAt.k}
            {tile.largestAt.row === side.row ? ' (ringed above)' : ' (another row of the tile)'}
          </dd>
        </dl>
      ))}
    </>
  );
}

export function ScalePanel(props: PanelProps) {
  return bothSides(props, ({ side }, { tile }) => {
    const { format, scaling } = side.quantization;
    const { dialect, powerOfTwo } = scaling;
    const max = maxFinite(format);
    const octave = dialect.scaleRule === 'octave';
    return (
      <>
        <dl class="facts">
          <dt>largest magnitude</dt>
          <dd>
            <Sourced number={tile.amax} />
          </dd>
          {tile.floored.value !== tile.amax.value && (
            <>
              <dt>raised to the floor of {dialect.name}</dt>
              <dd>
                <Sourced number={tile.floored} />
              </dd>
            </>
          )}
          <dt>largest number of {format.name}</dt>
          <dd>{f32Text(max)}</dd>
          <dt>{scaleRuleText(dialect.scaleRule, max)}</dt>
          <dd>
            <Sourced number={tile.quotient} />
          </dd>
          {powerOfTwo && !octave && (
            <>
              <dt>rounded up to a power of two</dt>
              <dd>
                <Power exponent={Math.log2(tile.scale.value)} />
              </dd>
            </>
          )}
          <dt>
            <b>scale</b>
          </dt>
          <dd>
            <Sourced number={tile.scale} />
          </dd>
          <dt>{dialect.codeRule === 'divide' ? 'values are divided by' : 'values are multiplied by'}</dt>
          <dd>
            <Sourced number={tile.factor} />
          </dd>
        </dl>
        <p class="note side-bits">
          In 32 bits the scale is <CodeBitsDrawing bits={f32CodeBits(tile.scale.value)} />
        </p>
      </>
    );
  });
}

function scaleRuleText(rule: 'times-reciprocal' | 'divide' | 'octave', max: number): string {
  if (rule === 'times-reciprocal') return `times 1/${f32Text(max)}, both rounded to f32`;
  if (rule === 'divide') return `divided by ${f32Text(max)}, rounded once`;
  return 'power of two by their exponents alone';
}

export function CodePanel(props: PanelProps) {
  return bothSides(props, ({ side }, element) => {
    const { format } = side.quantization;
    const { value, scaled, code, decoded, restored } = element;
    const error = restored.value - value.value;
    return (
      <>
        <p class="code-large">
          <CodeBitsDrawing bits={codeBits(format, code.value)} named />
        </p>
        <dl class="facts">
          <dt>value</dt>
          <dd>
            <Sourced number={value} />
          </dd>
          <dt>in units of the scale</dt>
          <dd>
            <Sourced number={scaled} />
          </dd>
          <dt>code of {format.name}</dt>
          <dd>
            <Sourced number={code} format={(one) => hex(one, codeCount(format))} />
          </dd>
          <dt>which is the number</dt>
          <dd>
            <Sourced number={decoded} />
          </dd>
          <dt>times the scale</dt>
          <dd>
            <Sourced number={restored} />
          </dd>
          <dt>error of quantising</dt>
          <dd>
            {roughText(error)}
            {value.value !== 0 && ` (${roughText((100 * Math.abs(error)) / Math.abs(value.value))} %)`}
          </dd>
        </dl>
      </>
    );
  });
}

/** A code as 0x and its digits. */
export function hex(code: number, codes: number): string {
  return `0x${code
    .toString(16)
    .padStart(Math.ceil(Math.log2(codes) / 4), '0')
    .toUpperCase()}`;
}
