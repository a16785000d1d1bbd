/**
 * @file Every code decoded, and every boundary between two codes encoded, against the formats' definitions, on
 * the CPU and on the GPU. Between boundaries a code cannot change: encoding is monotone (properties.test.ts).
 */

import { describe, expect, test } from 'vitest';
import { decodeOnGpu, encodeOnGpu } from '../../src/format/convert.js';
import { decodeTable } from '../../src/format/decode.js';
import { encodeBits, type Overflow, type Rounding } from '../../src/format/encode.js';
import { codeCount } from '../../src/format/format.js';
import { formats } from '../../src/format/formats.js';
import { pack, unpack } from '../../src/format/pack.js';
import { openTestGpu } from '../adapter.js';
import { bothNaN, differences, hex } from './bits.js';
import {
  bitsOfExact,
  boundaryCases,
  type Case,
  type Definition,
  definitions,
  exactValue,
} from './definition.js';

const gpu = await openTestGpu();
const signOfF32 = 0x80000000;

describe.each(Object.entries(definitions))('%s', (name, definition) => {
  const format = formats[name as keyof typeof definitions];
  const sign = 2 ** (definition.exponentBits + definition.mantissaBits);
  const fnuz = name.endsWith('fnuz');

  const values = expectedValues(definition, sign, fnuz);
  const nameCode = (code: number) => `code ${hex(code)}`;

  test('the oracle decodes every code to its value', () => {
    const bits = new Uint32Array(decodeTable(format).buffer);
    expect(differences(bits, values, nameCode, bothNaN)).toEqual([]);
  });

  test('the GPU decodes every code to its value', async () => {
    const codes = Uint32Array.from({ length: codeCount(format) }, (_, code) => code);
    const bits = await decodeOnGpu(gpu, format, pack(format, codes), codes.length);
    expect(differences(bits, values, nameCode, bothNaN)).toEqual([]);
  });

  const cases = boundaryCases(definition);
  const inputs = Uint32Array.from([
    ...cases.map(({ bits }) => bits),
    ...cases.map(({ bits }) => (bits | signOfF32) >>> 0),
  ]);
  const nameInput = (i: number) => hex(inputs[i] as number);

  const expectedCodes = (rounding: Rounding, overflow: Overflow) => {
    const beyond = overflow === 'ieee' && rounding !== 'toward-zero' ? definition.beyond : definition.maxCode;
    const positive = (c: Case) => {
      const code = rounding === 'toward-zero' ? c.towardZero : c.nearest;
      if (c.bits === 0x7f800000) return overflow === 'ieee' ? definition.beyond : definition.maxCode;
      return code > definition.maxCode ? beyond : code;
    };
    const negate = (code: number) => (fnuz && (code === 0 || code === sign) ? code : code + sign);
    return [...cases.map(positive), ...cases.map((c) => negate(positive(c)))];
  };

  for (const [rounding, overflow] of [
    ['nearest-even', 'saturate'],
    ['nearest-even', 'ieee'],
    ['toward-zero', 'saturate'],
    ['toward-zero', 'ieee'],
  ] as const) {
    test(`the oracle rounds right at every boundary (${rounding}, ${overflow})`, () => {
      const codes = Array.from(inputs, (bits) => encodeBits(format, bits, { rounding, overflow }));
      expect(differences(codes, expectedCodes(rounding, overflow), nameInput)).toEqual([]);
    });

    test(`the GPU rounds right at every boundary (${rounding}, ${overflow})`, async () => {
      const words = await encodeOnGpu(gpu, format, inputs, { rounding, overflow });
      const codes = unpack(format, words, inputs.length);
      expect(differences(codes, expectedCodes(rounding, overflow), nameInput)).toEqual([]);
    });
  }
});

test('bf16 is the upper half of an f32, rounded by carrying', () => {
  const { bf16 } = formats;
  for (let high = 0; high < 0x7f80; high++)
    for (const low of [0, 1, 0x7fff, 0x8000, 0x8001, 0xffff]) {
      const bits = high * 65536 + low;
      const expected = (bits + 0x7fff + (high & 1)) >>> 16;
      if (encodeBits(bf16, bits, { overflow: 'ieee' }) !== expected) expect.fail(hex(bits));
    }
});

/** f32 bits of every code. */
function expectedValues(definition: Definition, sign: number, fnuz: boolean): Uint32Array {
  const values = new Uint32Array(2 * sign).fill(0x7fc00000);
  for (let code = 0; code <= definition.maxCode; code++) {
    const bits = bitsOfExact(exactValue(definition, code));
    values[code] = bits;
    if (!fnuz || code > 0) values[sign + code] = bits + signOfF32;
  }
  const { beyond, exponentBits, mantissaBits } = definition;
  if (beyond === (2 ** exponentBits - 1) * 2 ** mantissaBits) {
    values[beyond] = 0x7f800000;
    values[sign + beyond] = 0xff800000;
  }
  return values;
}
