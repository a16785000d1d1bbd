import { expect, test } from 'vitest';
import { decodeOnGpu, encodeOnGpu } from '../../src/format/convert.js';
import { decodeTable } from '../../src/format/decode.js';
import { encodeBits } from '../../src/format/encode.js';
import { codeCount } from '../../src/format/format.js';
import { formats } from '../../src/format/formats.js';
import { pack, unpack } from '../../src/format/pack.js';
import { openTestGpu } from '../adapter.js';

const gpu = await openTestGpu();

/** The 65,536 f32 values that are a bf16: every exponent, every sign, NaNs and infinities among them. */
const everyBf16 = Uint32Array.from({ length: 65536 }, (_, i) => i << 16);

for (const format of Object.values(formats)) {
  test(`the GPU decodes every code of ${format.name} like the oracle`, async () => {
    const codes = Uint32Array.from({ length: codeCount(format) }, (_, i) => i);
    const bits = await decodeOnGpu(gpu, format, pack(format, codes), codes.length);
    const expected = new Uint32Array(decodeTable(format).buffer);
    const different = [...codes].filter(
      (code) => bits[code] !== expected[code] && !(isNaNBits(bits[code]) && isNaNBits(expected[code])),
    );
    expect(different).toEqual([]);
  });

  for (const overflow of ['saturate', 'ieee'] as const)
    for (const rounding of ['nearest-even', 'toward-zero', 'stochastic'] as const)
      test(`the GPU encodes every bf16 into ${format.name} like the oracle (${rounding}, ${overflow})`, async () => {
        const random = everyBf16.map((_, i) => Math.imul(i + 1, 0x9e3779b1));
        const words = await encodeOnGpu(gpu, format, everyBf16, { rounding, overflow, random });
        const codes = unpack(format, words, everyBf16.length);
        const different: string[] = [];
        everyBf16.forEach((bits, i) => {
          const expected = encodeBits(format, bits, { rounding, overflow, random: random[i] as number });
          if (codes[i] !== expected && different.length < 10)
            different.push(`${bits.toString(16)}: ${codes[i]}, not ${expected}`);
        });
        expect(different).toEqual([]);
      });
}

function isNaNBits(bits: number | undefined): boolean {
  return bits !== undefined && (bits & 0x7fffffff) > 0x7f800000;
}
