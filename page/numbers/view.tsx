/** @file The number explorer: a value in any format, bit by bit. Nothing of it needs a GPU. */

import '../dataflow/dataflow.css';
import './numbers.css';
import { useSignal } from '@preact/signals';
import { explain, neighbours } from '../../src/dataflow/explain.js';
import { parseNumber } from '../../src/dataflow/parse-number.js';
import { ArgumentError } from '../../src/errors.js';
import { decode } from '../../src/format/decode.js';
import { encode, overflows } from '../../src/format/encode.js';
import { type Format, maxCode, width } from '../../src/format/format.js';
import { formats } from '../../src/format/formats.js';
import { Button } from '../components/button.js';
import { TextField } from '../components/field.js';
import { Message } from '../components/message.js';
import { Section } from '../components/section.js';
import { ChoiceField } from '../dataflow/setting-fields.js';
import type { ViewProps } from '../views.js';
import { BitSwitches } from './bit-switches.js';
import { NumberLine } from './number-line.js';
import { formatNames, type NumberState, readNumberState, showNumberState } from './state.js';
import { EveryFormat, Landmarks, Roundings } from './tables.js';

const examples = ['0.1', '1/3', 'π', '448', '500', '0x1.8p-7', '0.001', '-0', 'nan'] as const;

/** What buttons write, where it is not what they say. */
const written: Readonly<Record<string, string>> = { '1/3': '0.3333333333333333', π: '3.141592653589793' };

/** Numbers to each side of the value. */
const around = 4;

export default function NumbersView({ route }: ViewProps) {
  const { settings: state, problems } = readNumberState(route.params);
  const draft = useSignal<string | undefined>(undefined);
  const format = formats[state.format];
  const { value, code: given } = parseNumber(state.value, format);
  const { nearest, towardZero } = explain(format, value, state.overflow);
  const code = given ?? nearest.code;
  const show = (change: Partial<NumberState>) => {
    draft.value = undefined;
    showNumberState({ ...state, ...change });
  };
  const setCode = (to: number) => show({ value: codeText(format, to) });
  const problem = draft.value === undefined ? undefined : problemOf(draft.value, format);
  const type = (text: string) => {
    if (problemOf(text, format) === undefined) showNumberState({ ...state, value: text });
    draft.value = text;
  };
  // Of a value that becomes infinite or NaN the largest numbers are shown.
  const shown = [nearest, towardZero].find((one) => Number.isFinite(one.value));
  const line = neighbours(format, shown?.code ?? maxCode(format), around);
  return (
    <>
      <h1>A number in few bits</h1>
      <p class="lead">
        Type a value and see what a format makes of it, or switch bits and see which number they are.
      </p>
      {problems.length > 0 && (
        <Message kind="warn" title="Part of this link could not be understood; the rest is shown">
          {problems.join('. ')}
        </Message>
      )}
      <Section title="Value and format" raised>
        <div class="fields">
          <TextField
            label="Value"
            value={draft.value ?? state.value}
            onInput={type}
            hint={`Decimal, inf, nan, hexadecimal such as 0x1.8p-7, or 0b and ${width(format)} or 32 bits.`}
            error={problem}
          />
          <ChoiceField
            label="Format"
            value={state.format}
            names={formatNames}
            textOf={(name) => `${name} (${width(formats[name])} bits)`}
            onChange={(name) => show({ format: name, value: portable(state.value, format) })}
            hint={formatText(format)}
          />
          <ChoiceField
            label="Beyond the largest"
            value={state.overflow}
            names={overflows}
            textOf={(name) =>
              name === 'saturate' ? 'saturate: the largest number' : 'ieee: infinity or NaN'
            }
            onChange={(overflow) => show({ overflow })}
          />
        </div>
        <div class="button-row">
          {examples.map((example) => (
            <Button key={example} size="small" onClick={() => show({ value: written[example] ?? example })}>
              {example}
            </Button>
          ))}
        </div>
        <BitSwitches format={format} code={code} onChange={setCode} />
        <NumberLine
          numbers={line}
          value={value}
          chosen={decode(format, code)}
          onChoose={(coded) => setCode(coded.code)}
        />
        <div class="number-steps">
          <Button size="small" onClick={() => step(-1)} disabled={!canStep(-1)} label="Next smaller number">
            ◂ Next smaller
          </Button>
          <Button size="small" onClick={() => step(1)} disabled={!canStep(1)} label="Next larger number">
            Next larger ▸
          </Button>
        </div>
      </Section>
      <Section title="Rounding" intro={<p>The value becomes one of the two numbers around it. Which one?</p>}>
        <Roundings format={format} value={value} overflow={state.overflow} />
      </Section>
      <Section title="In every format">
        <EveryFormat
          value={value}
          overflow={state.overflow}
          onChoose={(name) => show({ format: name, value: portable(state.value, format) })}
        />
      </Section>
      <Section title="Special values">
        <Landmarks format={format} onChoose={setCode} />
      </Section>
    </>
  );

  function neighbour(by: -1 | 1) {
    const current = decode(format, code);
    const found = neighbours(format, code, 1);
    return by < 0 ? found.findLast((one) => one.value < current) : found.find((one) => one.value > current);
  }

  function canStep(by: -1 | 1): boolean {
    return neighbour(by) !== undefined;
  }

  function step(by: -1 | 1): void {
    const to = neighbour(by);
    if (to) setCode(to.code);
  }
}

function problemOf(text: string, format: Format): string | undefined {
  try {
    parseNumber(text, format);
    return undefined;
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    return `Not a number. Allowed: ${error.allowed}.`;
  }
}

/** A code as text that reads back as the same code: a decimal, or its bits where a value has several codes. */
function codeText(format: Format, code: number): string {
  const value = decode(format, code);
  const finite = Number.isFinite(value) && encode(format, value) === code;
  if (!finite) return `0b${code.toString(2).padStart(width(format), '0')}`;
  return Object.is(value, -0) ? '-0' : String(value);
}

/** A value as another format can read it: bits of this one become the number they stand for. */
function portable(text: string, format: Format): string {
  const { value, code } = parseNumber(text, format);
  if (code === undefined) return text;
  return Number.isNaN(value) ? 'nan' : Object.is(value, -0) ? '-0' : String(value).replace('Infinity', 'inf');
}

function formatText({ signBits, exponentBits, mantissaBits, bias, specials }: Format): string {
  const special = {
    ieee: 'infinities and NaNs',
    'all-ones-nan': 'NaN, no infinity',
    'negative-zero-nan': 'NaN in the place of −0, no infinity',
    none: 'neither infinity nor NaN',
  }[specials];
  return `${signBits} sign, ${exponentBits} exponent, ${mantissaBits} mantissa bits; bias ${bias}; ${special}.`;
}
