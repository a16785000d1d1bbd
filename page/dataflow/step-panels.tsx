/** @file The panels of the stages in which an instruction takes codes and multiplies them. */

import { codeBits } from '../../src/dataflow/bits.js';
import { fromOracle } from '../../src/dataflow/quoted.js';
import { codeCount } from '../../src/format/format.js';
import { CodeBitsDrawing } from './code-bits.js';
import { f32Text, Power, roughText, Sourced } from './number.js';
import { hex, type PanelProps, sideNames } from './quantize-panels.js';

export function TilePanel({ run, trace, at, step, onChoose }: PanelProps) {
  const { start, count } = step;
  return (
    <>
      <p class="note">
        This step takes elements {start} to {start + count - 1} of K: {count} {count === 1 ? 'code' : 'codes'}{' '}
        of each operand. They are shown as hexadecimal codes; choose one.
      </p>
      {(['a', 'b'] as const).map((name) => {
        const { elements, side, row } = trace[name];
        const codes = codeCount(side.quantization.format);
        return (
          <div key={name} class="tile">
            <h4>
              {sideNames[name]}, row {row} <span class="source source-kernel">kernel</span>
            </h4>
            <div class="tile-codes">
              {elements.slice(start, start + count).map(({ k, code, decoded }) => (
                <button
                  key={k}
                  type="button"
                  class="tile-code"
                  aria-pressed={k === at}
                  aria-label={`element ${k}: code ${hex(code.value, codes)}, ${f32Text(decoded.value)}`}
                  title={`k = ${k}: ${f32Text(decoded.value)}`}
                  onClick={() => onChoose(k)}
                >
                  {hex(code.value, codes).slice(2)}
                </button>
              ))}
            </div>
          </div>
        );
      })}
      <p class="note">
        Fast kernels hold such tiles in workgroup memory, which cannot be read from outside; the
        straightforward one that runs here reads the same codes from the GPU's memory. Each row of A serves{' '}
        {run.settings.n} outputs and each row of B {run.settings.m}: that is why tiles are kept close by.
      </p>
    </>
  );
}

export function ProductPanel({ trace, at, step, onChoose }: PanelProps) {
  const [a, b] = [trace.a.elements[at], trace.b.elements[at]];
  const term = step.terms.find(({ k }) => k === at);
  if (!a || !b || !term) return null;
  const products = step.terms.filter(({ k }) => k !== 'sum');
  const largest = Math.max(...products.filter(({ value }) => value !== 0).map(({ exponent }) => exponent));
  const smallest = Math.min(...products.filter(({ value }) => value !== 0).map(({ exponent }) => exponent));
  return (
    <>
      <div class="product">
        <p>
          <CodeBitsDrawing bits={codeBits(trace.a.side.quantization.format, a.code.value)} />
          <span class="product-value">{f32Text(a.decoded.value)}</span>
        </p>
        <p class="product-sign">×</p>
        <p>
          <CodeBitsDrawing bits={codeBits(trace.b.side.quantization.format, b.code.value)} />
          <span class="product-value">{f32Text(b.decoded.value)}</span>
        </p>
        <p class="product-sign">=</p>
        <p class="product-result">
          <Sourced number={fromOracle(term.value)} />
          <span class="product-value">
            significand {term.significand}, exponent {term.exponent}: {term.significand} ·{' '}
            <Power exponent={term.exponent - term.fractionBits} />
          </span>
        </p>
      </div>
      <p class="note">
        {products.length} {products.length === 1 ? 'product' : 'products'} in this step
        {Number.isFinite(largest) &&
          `; exponents from ${smallest} to ${largest}: the largest is ${roughText(2 ** (largest - smallest))} times the smallest`}
        . Choose one:
      </p>
      <div class="tile-codes">
        {products.map(({ k, value }) => (
          <button
            key={k}
            type="button"
            class="tile-code tile-product"
            aria-pressed={k === at}
            aria-label={`product of elements ${k}: ${roughText(value)}`}
            onClick={() => typeof k === 'number' && onChoose(k)}
          >
            {roughText(value)}
          </button>
        ))}
      </div>
    </>
  );
}
