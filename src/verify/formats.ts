/** @file Formats on the GPU against the oracle: every code decoded, every bf16 encoded, bit for bit. */

import { decodeOnGpu, encodeOnGpu } from '../format/convert.js';
import { decodeTable } from '../format/decode.js';
import { encodeBits, type Overflow, type Rounding } from '../format/encode.js';
import { codeCount, type Format } from '../format/format.js';
import { formats } from '../format/formats.js';
import { pack, unpack } from '../format/pack.js';
import { type Check, hex, Tally } from './check.js';
import { randomWordList } from './random.js';

/** Every rounding and every overflow rule in as few passes as that takes; what quantising uses comes first. */
const encodings: readonly (readonly [Rounding, Overflow])[] = [
  ['nearest-even', 'saturate'],
  ['nearest-even', 'ieee'],
  ['toward-zero', 'ieee'],
  ['stochastic', 'saturate'],
];

/** bf16 patterns: every exponent with every sign, subnormals, infinities and NaNs among them. */
const patterns = 65536;

/** One check for each format. */
export function formatChecks(): Check[] {
  return Object.values(formats).map(formatCheck);
}

/** Decodes every code of a format and encodes every bf16 into it. */
export function formatCheck(format: Format): Check {
  return {
    name: `format ${format.name}`,
    steps: 1 + encodings.length,
    async run(gpu, tick) {
      const tally = new Tally();
      const codes = Uint32Array.from({ length: codeCount(format) }, (_, code) => code);
      const bits = await decodeOnGpu(gpu, format, pack(format, codes), codes.length);
      const expected = new Uint32Array(decodeTable(format).buffer);
      for (const code of codes) {
        const [actual, wanted] = [bits[code] as number, expected[code] as number];
        const equal = actual === wanted || (isNaNBits(actual) && isNaNBits(wanted));
        tally.count(equal, () => `code ${hex(code)} decodes to bits ${hex(actual)}, not ${hex(wanted)}`);
      }
      tick();

      const values = Uint32Array.from({ length: patterns }, (_, i) => i << 16);
      const random = randomWordList(patterns, 1);
      for (const [rounding, overflow] of encodings) {
        const words = await encodeOnGpu(gpu, format, values, { rounding, overflow, random });
        const actual = unpack(format, words, patterns);
        for (let i = 0; i < patterns; i++) {
          const value = values[i] as number;
          const wanted = encodeBits(format, value, { rounding, overflow, random: random[i] as number });
          tally.count(
            actual[i] === wanted,
            () =>
              `f32 ${hex(value)} encodes to ${hex(actual[i] as number)}, not ${hex(wanted)} (${rounding}, ${overflow})`,
          );
        }
        tick();
      }
      return tally.outcome(`every code decoded, every bf16 encoded in ${encodings.length} ways`);
    },
  };
}

function isNaNBits(bits: number): boolean {
  return (bits & 0x7fffffff) > 0x7f800000;
}
