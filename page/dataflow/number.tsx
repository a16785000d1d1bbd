/** @file A number with the one who says so: the input, a kernel on the GPU, or the oracle on the CPU. */

import { agrees, type Quoted } from '../../src/dataflow/quoted.js';

export interface SourcedProps {
  readonly number: Quoted;
  /** How to write it. Default as an f32. */
  readonly format?: (value: number) => string;
}

const sources = { input: 'input', kernel: 'kernel', oracle: 'oracle' } as const;
const meanings = {
  input: 'one of the values that are multiplied',
  kernel: 'read from the GPU after a shader computed it',
  oracle: 'computed on the CPU by the oracle',
} as const;

export function Sourced({ number, format = f32Text }: SourcedProps) {
  const { value, source, oracle } = number;
  if (oracle !== undefined && !agrees(number))
    return (
      <span class="sourced">
        <span class="sourced-value">{format(value)}</span>
        <span class="source source-wrong" role="alert">
          kernel ≠ oracle: {format(oracle)}
        </span>
      </span>
    );
  const checked = source === 'kernel' && oracle !== undefined;
  return (
    <span class="sourced">
      <span class="sourced-value">{format(value)}</span>
      <span
        class={`source source-${source}`}
        title={`${meanings[source]}${checked ? '; the oracle gives the same bits' : ''}`}
      >
        {sources[source]}
        {checked && ' = oracle'}
      </span>
    </span>
  );
}

/** What the marks beside numbers mean. */
export function SourceLegend() {
  return (
    <p class="source-legend">
      Who says so: <span class="source source-input">input</span> one of the values that are multiplied;{' '}
      <span class="source source-kernel">kernel</span> read from the GPU after a shader computed it, “=
      oracle” where the CPU gives the same bits; <span class="source source-oracle">oracle</span> computed on
      the CPU alone, because the kernel does not show it.
    </p>
  );
}

/** The shortest decimal that reads back as the same f32; long ones with an exponent. */
export function f32Text(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  if (Math.fround(value) !== value) return doubleText(value);
  for (let digits = 1; digits < 9; digits++)
    if (Math.fround(Number(value.toPrecision(digits))) === value) return decimalText(value, digits);
  return decimalText(value, 9);
}

/** A double with as many digits as tell errors apart. */
export function doubleText(value: number): string {
  return decimalText(value, 9);
}

/** A few digits, for errors. */
export function roughText(value: number): string {
  return value === 0 ? '0' : decimalText(value, 3);
}

function decimalText(value: number, digits: number): string {
  if (value === 0) return Object.is(value, -0) ? '−0' : '0';
  const size = Math.abs(value);
  const text =
    size >= 1e-4 && size < 1e9
      ? Number(value.toPrecision(digits)).toString()
      : value.toExponential(digits - 1).replace(/\.?0+e/, 'e');
  return text.replace('e+', 'e').replaceAll('-', '−');
}

/** A power of two, as 2 with its exponent raised. */
export function Power({ exponent }: { readonly exponent: number }) {
  return (
    <span class="power">
      2<sup>{String(exponent).replace('-', '−')}</sup>
    </span>
  );
}
