/** @file The panels of the stages from aligned products to the output. */

import { fromOracle } from '../../src/dataflow/quoted.js';
import type { OutputTrace, QuotedInterval, QuotedStep } from '../../src/dataflow/trace.js';
import { Table } from '../components/table.js';
import { Alignment } from './alignment.js';
import { doubleText, f32Text, Power, roughText, Sourced } from './number.js';
import type { PanelProps } from './quantize-panels.js';

export function AlignPanel({ run, trace, at, step, onChoose }: PanelProps) {
  const { profile } = run.plan;
  const worst = worstStep(trace);
  const { alignment } = step;
  const lost = step.terms.filter((term) => term.lost !== 0).length;
  return (
    <>
      <p class="note">
        Step of{' '}
        {step.count === 1
          ? `element ${step.start}`
          : `elements ${step.start} to ${step.start + step.count - 1}`}{' '}
        of K in <b>{profile.name}</b>.{' '}
        {alignment
          ? ''
          : profile.products === 1
            ? 'One product at a time, multiplied and added with one rounding: nothing is aligned. '
            : 'This profile keeps every bit of every product: nothing falls off. '}
        {alignment && (
          <>
            The largest exponent is M = {alignment.largest}; {profile.fractionBits} bits below it are kept,
            down to <Power exponent={Math.log2(alignment.unit)} />.{' '}
            {lost === 0 ? (
              'No term loses a bit here.'
            ) : (
              <>
                {lost} of {step.terms.length} terms lose bits, together{' '}
                <b>{roughText(step.lostInAlignment)}</b>.
              </>
            )}
          </>
        )}{' '}
        {worst && worst !== step && (
          <button type="button" class="link-button" onClick={() => onChoose(worst.start)}>
            Show the step of this output that loses most
          </button>
        )}
      </p>
      <Alignment step={step} outputBits={profile.outputBits} at={at} onChoose={onChoose} />
      <p class="bit-legend">
        <span class="legend-bit legend-kept">1</span> bit of a product{' '}
        <span class="legend-bit legend-sum">1</span> bit of a sum{' '}
        <span class="legend-bit legend-lost">1</span> lost: red, hatched and struck through. M: a term with
        the largest exponent. Alignment happens inside the kernel: these bits are the{' '}
        <span class="source source-oracle">oracle</span>'s, and the step's result is compared with the
        kernel's in the next stage.
      </p>
    </>
  );
}

/** The step whose terms lose most in alignment; undefined where none loses anything. */
function worstStep({ intervals }: OutputTrace): QuotedStep | undefined {
  const loss = ({ lostInAlignment }: QuotedStep) => Math.abs(lostInAlignment);
  const [worst] = intervals.flatMap(({ steps }) => steps).sort((one, other) => loss(other) - loss(one));
  return worst && loss(worst) > 0 ? worst : undefined;
}

export function SumPanel({ run, trace, step, onChoose }: PanelProps) {
  const { profile } = run.plan;
  const interval = intervalOf(trace, step.start);
  return (
    <>
      <dl class="facts">
        <dt>the sum so far</dt>
        <dd>
          <Sourced number={fromOracle(step.before)} />
        </dd>
        <dt>what is left of all terms, exactly</dt>
        <dd>
          <Sourced number={fromOracle(step.kept)} format={doubleText} />
        </dd>
        <dt>
          {profile.outputRounding === 'toward-zero' ? 'cut' : 'rounded'} to {profile.outputBits} fraction bits
          {profile.chaining === 'added' ? ', then added to the sum so far in f32' : ''}
        </dt>
        <dd>
          <Sourced number={step.result} />
        </dd>
        <dt>without any loss it would be</dt>
        <dd>
          <Sourced number={fromOracle(step.exact)} format={doubleText} />
        </dd>
        <dt>lost in alignment</dt>
        <dd class={step.lostInAlignment === 0 ? undefined : 'lost-text'}>
          {roughText(step.lostInAlignment)}
        </dd>
        <dt>lost in rounding the sum</dt>
        <dd class={step.lostInRounding === 0 ? undefined : 'lost-text'}>{roughText(step.lostInRounding)}</dd>
      </dl>
      {interval && (
        <Table
          caption={`Steps of the interval of elements ${interval.start} to ${interval.start + interval.count - 1}: the sum after each, unscaled`}
          columns={[
            {
              title: 'Elements of K',
              cell: (one) => (
                <button type="button" class="link-button" onClick={() => onChoose(one.start)}>
                  {one.count === 1 ? one.start : `${one.start} to ${one.start + one.count - 1}`}
                </button>
              ),
            },
            { title: 'Sum after', numeric: true, cell: (one) => <Sourced number={one.result} /> },
            { title: 'Lost in alignment', numeric: true, cell: (one) => roughText(one.lostInAlignment) },
            { title: 'Lost in rounding', numeric: true, cell: (one) => roughText(one.lostInRounding) },
          ]}
          rows={shownSteps(interval)}
          keyOf={(one) => one.start}
        />
      )}
    </>
  );
}

/** Of an interval with very many steps those whose result a kernel gave. */
function shownSteps({ steps }: QuotedInterval) {
  return steps.length <= 32 ? steps : steps.filter(({ result }) => result.source === 'kernel');
}

/** The interval that holds an element of K. */
function intervalOf({ intervals }: OutputTrace, k: number): QuotedInterval | undefined {
  return intervals.findLast(({ start }) => start <= k);
}

export function PromotePanel({ run, trace, at, onChoose }: PanelProps) {
  const fused = run.plan.promotion === 'fused';
  const interval = intervalOf(trace, at);
  if (!interval) return null;
  return (
    <>
      <p class="formula">
        {fused
          ? 'accumulator ← fma( scale A · scale B, partial sum, accumulator )'
          : 'accumulator ← fma( partial sum · scale A, scale B, accumulator )'}
      </p>
      <dl class="facts">
        <dt>
          interval of elements {interval.start} to {interval.start + interval.count - 1}, partial sum
        </dt>
        <dd>
          <Sourced number={interval.partial} />
        </dd>
        <dt>scale of A</dt>
        <dd>
          <Sourced number={interval.scaleA} />
        </dd>
        <dt>scale of B</dt>
        <dd>
          <Sourced number={interval.scaleB} />
        </dd>
        <dt>{fused ? 'product of the scales' : 'partial sum · scale A'}, rounded to f32</dt>
        <dd>
          <Sourced number={interval.rounded} />
        </dd>
        <dt>accumulator before</dt>
        <dd>
          <Sourced number={interval.before} />
        </dd>
        <dt>
          <b>accumulator after</b>
        </dt>
        <dd>
          <Sourced number={interval.after} />
        </dd>
      </dl>
      <Table
        caption="Promotions of this output: the accumulator grows by one scaled partial sum at a time"
        columns={[
          {
            title: 'Elements of K',
            cell: ({ start, count }) => (
              <button type="button" class="link-button" onClick={() => onChoose(start)}>
                {start} to {start + count - 1}
              </button>
            ),
          },
          { title: 'Partial sum', numeric: true, cell: ({ partial }) => <Sourced number={partial} /> },
          { title: 'Accumulator after', numeric: true, cell: ({ after }) => <Sourced number={after} /> },
        ]}
        rows={trace.intervals}
        keyOf={({ start }) => start}
      />
    </>
  );
}

export function OutputPanel({ run, trace }: PanelProps) {
  const { exact, unquantized, output, sum } = trace;
  const share = (error: number) =>
    unquantized === 0 ? '' : ` (${roughText((100 * Math.abs(error)) / Math.abs(unquantized))} % of it)`;
  const accumulation = output.value - exact;
  const quantisation = exact - unquantized;
  return (
    <>
      <dl class="facts">
        <dt>last accumulator</dt>
        <dd>
          <Sourced number={sum} />
        </dd>
        <dt>
          <b>
            D[{trace.row}, {trace.col}] in {run.settings.out}
          </b>
        </dt>
        <dd>
          <Sourced number={output} />
        </dd>
        <dt>the same codes and scales, added without any error</dt>
        <dd>
          <Sourced number={fromOracle(exact)} format={doubleText} />
        </dd>
        <dt>the values before quantising, in 64 bits</dt>
        <dd>
          <Sourced number={fromOracle(unquantized)} format={doubleText} />
        </dd>
      </dl>
      <dl class="facts">
        <dt>error of adding up</dt>
        <dd>
          {roughText(accumulation)}
          {share(accumulation)}
        </dd>
        <dt>error of quantising</dt>
        <dd>
          {roughText(quantisation)}
          {share(quantisation)}
        </dd>
        <dt>both together</dt>
        <dd>
          {roughText(output.value - unquantized)}
          {share(output.value - unquantized)}
        </dd>
      </dl>
      <p class="note">
        A single output whose products nearly cancel can be far off in percent: {f32Text(unquantized)} is a
        sum of terms of both signs. The accumulator view shows errors over many outputs.
      </p>
    </>
  );
}
