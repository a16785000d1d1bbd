/** @file A code to change bit by bit: each bit is a switch. */

import { codeBits } from '../../src/dataflow/bits.js';
import { kindOf, partsOf } from '../../src/dataflow/explain.js';
import { decode } from '../../src/format/decode.js';
import { type Format, width } from '../../src/format/format.js';
import { f32Text } from '../dataflow/number.js';

export interface BitSwitchesProps {
  readonly format: Format;
  readonly code: number;
  readonly onChange: (code: number) => void;
}

const parts = ['sign', 'exponent', 'mantissa'] as const;

export function BitSwitches({ format, code, onChange }: BitSwitchesProps) {
  const bits = codeBits(format, code);
  let place = width(format);
  return (
    <div class="bit-switches">
      {parts
        .filter((part) => bits[part].length > 0)
        .map((part) => (
          <fieldset key={part} class="bit-group">
            <legend class={`code-part-${part}`}>{part}</legend>
            {Array.from(bits[part], (bit) => {
              place--;
              const weight = 2 ** place;
              return (
                <button
                  key={weight}
                  type="button"
                  class={`bit bit-switch bit-${part}`}
                  aria-pressed={bit === '1'}
                  aria-label={`${part} bit ${place} is ${bit}`}
                  onClick={() => onChange(bit === '1' ? code - weight : code + weight)}
                >
                  {bit}
                </button>
              );
            })}
          </fieldset>
        ))}
      <p class="bit-formula" role="status">
        <Formula format={format} code={code} />
      </p>
    </div>
  );
}

function Formula({ format, code }: { readonly format: Format; readonly code: number }) {
  const kind = kindOf(format, code);
  const value = decode(format, code);
  if (kind === 'NaN') return <b>NaN: not a number</b>;
  if (kind === 'infinity') return <b>{value > 0 ? 'infinity' : 'minus infinity'}</b>;
  const { negative, exponent, significand } = partsOf(format, code);
  return (
    <>
      {negative ? '−' : ''}2<sup>{String(exponent).replace('-', '−')}</sup> ×{' '}
      {binary(significand, format.mantissaBits)}
      <sub>2</sub> = <b>{f32Text(value)}</b> <span class="chip">{kind}</span>
    </>
  );
}

/** A significand below 2 in binary digits. */
function binary(significand: number, mantissaBits: number): string {
  const whole = Math.floor(significand);
  const rest = (significand - whole) * 2 ** mantissaBits;
  return mantissaBits === 0 ? String(whole) : `${whole}.${rest.toString(2).padStart(mantissaBits, '0')}`;
}
