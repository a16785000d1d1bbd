/** @file A code's bits, drawn: sign, exponent and mantissa, each with its colour and its name. */

import type { CodeBits } from '../../src/dataflow/bits.js';

const parts = ['sign', 'exponent', 'mantissa'] as const;

export interface CodeBitsProps {
  readonly bits: CodeBits;
  /** Whether the parts' names stand below. */
  readonly named?: boolean;
}

export function CodeBitsDrawing({ bits, named }: CodeBitsProps) {
  const shown = parts.filter((part) => bits[part].length > 0);
  return (
    <span class={named ? 'code-bits code-bits-named' : 'code-bits'}>
      <span class="unseen">{shown.map((part) => `${part} ${bits[part]}`).join(', ')}</span>
      {shown.map((part) => (
        <span key={part} class="code-part" aria-hidden="true">
          <span class="code-part-bits">
            {Array.from(bits[part], (bit, i) => (
              <i key={i} class={`bit bit-${part}`}>
                {bit}
              </i>
            ))}
          </span>
          {named && <span class={`code-part-name code-part-${part}`}>{part}</span>}
        </span>
      ))}
    </span>
  );
}
