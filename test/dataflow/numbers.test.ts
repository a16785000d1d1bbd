import { describe, expect, test } from 'vitest';
import { explain, kindOf, landmarks, neighbours, partsOf } from '../../src/dataflow/explain.js';
import { parseNumber } from '../../src/dataflow/parse-number.js';
import { ArgumentError } from '../../src/errors.js';
import { decode, decodeTable } from '../../src/format/decode.js';
import { codeCount } from '../../src/format/format.js';
import { type FormatName, formats } from '../../src/format/formats.js';

const { e4m3, e5m2, e2m1 } = formats;
const small = (Object.keys(formats) as FormatName[]).filter((name) => codeCount(formats[name]) <= 4096);

test.each([
  ['0.1', 0.1],
  ['-3e-5', -3e-5],
  ['−2.5', -2.5],
  ['.5', 0.5],
  ['inf', Infinity],
  ['-∞', -Infinity],
  ['0x1.8p-7', 1.5 * 2 ** -7],
  ['-0xff', -255],
  ['0b0.1000.100', 3],
  ['0b00111111 10000000 00000000 00000000', 1],
])('%s is read as %d', (text, value) => {
  expect(parseNumber(text, e4m3).value).toBe(value);
});

test('NaN and negative zero are read, and bits keep their code', () => {
  expect(parseNumber('nan', e4m3).value).toBeNaN();
  expect(parseNumber('-0', e4m3).value).toBe(-0);
  expect(parseNumber('0b11111111', e4m3)).toEqual({ value: NaN, code: 255 });
});

test.each(['', 'abc', '1,5', '0b1010', '0x', '0x1p', '1e', '--1'])(
  '%j is refused with what is allowed',
  (text) => {
    expect(() => parseNumber(text, e4m3)).toThrow(ArgumentError);
  },
);

describe.each(small)('%s', (name) => {
  const format = formats[name];
  const values = [...decodeTable(format)];

  test('neighbours are the next finite numbers', () => {
    const ascending = [...new Set(values.filter(Number.isFinite).map((value) => value + 0))].sort(
      (a, b) => a - b,
    );
    for (const code of values.keys()) {
      if (!Number.isFinite(values[code])) continue;
      const found = neighbours(format, code, 2).map(({ value }) => value + 0);
      const at = ascending.indexOf((values[code] ?? NaN) + 0);
      expect(found).toEqual(ascending.slice(Math.max(0, at - 2), at + 3));
    }
  });

  test('parts multiply to the value, and kinds are those of the values', () => {
    for (const [code, value] of values.entries()) {
      const kind = kindOf(format, code);
      expect(kind === 'NaN').toBe(Number.isNaN(value));
      expect(kind === 'infinity').toBe(Math.abs(value) === Infinity);
      expect(kind === 'zero').toBe(value === 0);
      if (!Number.isFinite(value)) continue;
      const { negative, exponent, significand } = partsOf(format, code);
      expect((negative ? -1 : 1) * 2 ** exponent * significand + 0).toBe(value + 0);
      expect(kind === 'normal').toBe(significand >= 1);
    }
  });

  test('landmarks have the values of their names', () => {
    for (const { name: landmark, code, value } of landmarks(format)) {
      expect(decode(format, code)).toBe(value);
      if (landmark === 'one') expect(value).toBe(1);
      if (landmark === 'largest') expect(value).toBe(Math.max(...values.filter(Number.isFinite)));
      if (landmark === 'smallest subnormal') expect(value).toBe(Math.min(...values.filter((one) => one > 0)));
    }
  });
});

test('stochastic rounding has the two numbers around a value, by its distance from them', () => {
  // e4m3 has 1 and 1.125.
  const { stochastic, nearest, towardZero } = explain(e4m3, -1.03125, 'saturate');
  expect(stochastic?.toward.value).toBe(-1);
  expect(stochastic?.away.value).toBe(-1.125);
  expect(stochastic?.probability).toBe(0.25);
  expect([nearest.value, towardZero.value]).toEqual([-1, -1]);
  expect(explain(e4m3, 1.125, 'saturate').stochastic).toBeUndefined();
  expect(explain(e2m1, 100, 'saturate').stochastic).toBeUndefined();
});

test('beyond the largest, the convention decides', () => {
  expect(explain(e4m3, 1000, 'saturate').nearest.value).toBe(448);
  expect(explain(e4m3, 1000, 'ieee').nearest.value).toBeNaN();
  expect(explain(e5m2, 1e6, 'ieee').nearest.value).toBe(Infinity);
});
