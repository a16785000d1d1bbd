/** @file The GPU and the oracle, on every code and every bf16, in every rounding and overflow rule. */

import { expect, test } from 'vitest';
import { decodeOnGpu, encodeOnGpu } from '../../src/format/convert.js';
import { decodeTable } from '../../src/format/decode.js';
import { encodeBits, overflows, roundings } from '../../src/format/encode.js';
import { codeCount } from '../../src/format/format.js';
import { formats } from '../../src/format/formats.js';
import { pack, unpack } from '../../src/format/pack.js';
import { openTestGpu } from '../adapter.js';
import { bothNaN, differences, hex } from './bits.js';

const gpu = await openTestGpu();

/** The 65,536 f32 values that are a bf16: every exponent, every sign, NaNs and infinities among them. */
const everyBf16 = Uint32Array.from({ length: 65536 }, (_, i) => i << 16);

for (const format of Object.values(formats)) {
  test(`the GPU decodes every code of ${format.name} like the oracle`, async () => {
    const codes = Uint32Array.from({ length: codeCount(format) }, (_, i) => i);
    const bits = await decodeOnGpu(gpu, format, pack(format, codes), codes.length);
    const expected = new Uint32Array(decodeTable(format).buffer);
    expect(differences(bits, expected, (code) => `code ${hex(code)}`, bothNaN)).toEqual([]);
  });

  for (const overflow of overflows)
    for (const rounding of roundings)
      test(`the GPU encodes every bf16 into ${format.name} like the oracle (${rounding}, ${overflow})`, async () => {
        const random = everyBf16.map((_, i) => Math.imul(i + 1, 0x9e3779b1));
        const words = await encodeOnGpu(gpu, format, everyBf16, { rounding, overflow, random });
        const expected = Array.from(everyBf16, (bits, i) =>
          encodeBits(format, bits, { rounding, overflow, random: random[i] as number }),
        );
        const codes = unpack(format, words, everyBf16.length);
        expect(differences(codes, expected, (i) => hex(everyBf16[i] as number))).toEqual([]);
      });
}
