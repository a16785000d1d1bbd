/** @file A value in every rounding of one format, and in every format. */

import { codeBits } from '../../src/dataflow/bits.js';
import { type Coded, explain, landmarks } from '../../src/dataflow/explain.js';
import { decode } from '../../src/format/decode.js';
import { encode, type Overflow } from '../../src/format/encode.js';
import { codeCount, type Format, width } from '../../src/format/format.js';
import { type FormatName, formats, maxFinite } from '../../src/format/formats.js';
import { Table } from '../components/table.js';
import { CodeBitsDrawing } from '../dataflow/code-bits.js';
import { f32Text, roughText } from '../dataflow/number.js';
import { hex } from '../dataflow/quantize-panels.js';

interface ValueProps {
  readonly format: Format;
  readonly value: number;
  readonly overflow: Overflow;
}

/** What becomes of a value in each rounding. */
export function Roundings({ format, value, overflow }: ValueProps) {
  const { nearest, towardZero, stochastic } = explain(format, value, overflow);
  const rows: { name: string; result: Coded; when: string }[] = [
    { name: 'to nearest, ties to even', result: nearest, when: 'always' },
    { name: 'toward zero', result: towardZero, when: 'always' },
    ...(stochastic
      ? [
          {
            name: 'stochastic, toward zero',
            result: stochastic.toward,
            when: percent(1 - stochastic.probability),
          },
          {
            name: 'stochastic, away from zero',
            result: stochastic.away,
            when: percent(stochastic.probability),
          },
        ]
      : [{ name: 'stochastic', result: nearest, when: 'always' }]),
  ];
  return (
    <Table
      caption={`${f32Text(value)} in ${format.name}, by rounding`}
      columns={[
        { title: 'Rounding', cell: ({ name }) => name },
        { title: 'Happens', cell: ({ when }) => when },
        { title: 'Code', cell: ({ result }) => <CodeBitsDrawing bits={codeBits(format, result.code)} /> },
        { title: 'Hex', cell: ({ result }) => <code>{hex(result.code, codeCount(format))}</code> },
        { title: 'Value', numeric: true, cell: ({ result }) => f32Text(result.value) },
        { title: 'Error', numeric: true, cell: ({ result }) => errorText(result.value, value) },
      ]}
      rows={rows}
      keyOf={({ name }) => name}
    />
  );
}

function percent(probability: number): string {
  return `${roughText(100 * probability)} % of the time`;
}

/** The error, and its share of the value. */
function errorText(result: number, value: number): string {
  const error = result - value;
  if (!Number.isFinite(error)) return Object.is(result, value) ? '0' : '—';
  if (error === 0) return '0';
  const share = value === 0 ? '' : ` (${roughText((100 * Math.abs(error)) / Math.abs(value))} %)`;
  return `${roughText(error)}${share}`;
}

/** The value in every format, to nearest. */
export function EveryFormat({
  value,
  overflow,
  onChoose,
}: Omit<ValueProps, 'format'> & { readonly onChoose: (name: FormatName) => void }) {
  const rows = (Object.keys(formats) as FormatName[]).map((name) => {
    const format = formats[name];
    const code = encode(format, value, { overflow });
    return { name, format, code, result: decode(format, code) };
  });
  return (
    <Table
      caption={`${f32Text(value)} in every format, rounded to nearest`}
      columns={[
        {
          title: 'Format',
          cell: ({ name }) => (
            <button type="button" class="link-button" onClick={() => onChoose(name)}>
              {name}
            </button>
          ),
        },
        { title: 'Bits', numeric: true, cell: ({ format }) => width(format) },
        { title: 'Code', cell: ({ format, code }) => <CodeBitsDrawing bits={codeBits(format, code)} /> },
        { title: 'Value', numeric: true, cell: ({ result }) => f32Text(result) },
        { title: 'Error', numeric: true, cell: ({ result }) => errorText(result, value) },
        { title: 'Largest', numeric: true, cell: ({ format }) => f32Text(maxFinite(format)) },
      ]}
      rows={rows}
      keyOf={({ name }) => name}
    />
  );
}

/** The codes of a format worth knowing. */
export function Landmarks({
  format,
  onChoose,
}: {
  readonly format: Format;
  readonly onChoose: (code: number) => void;
}) {
  return (
    <Table
      caption={`Special values of ${format.name}`}
      columns={[
        {
          title: 'What',
          cell: ({ name, code }) => (
            <button type="button" class="link-button" onClick={() => onChoose(code)}>
              {name}
            </button>
          ),
        },
        { title: 'Code', cell: ({ code }) => <CodeBitsDrawing bits={codeBits(format, code)} /> },
        { title: 'Hex', cell: ({ code }) => <code>{hex(code, codeCount(format))}</code> },
        { title: 'Value', numeric: true, cell: ({ value }) => f32Text(value) },
      ]}
      rows={landmarks(format)}
      keyOf={({ name }) => name}
    />
  );
}
