import { expect, test } from 'vitest';
import decode4Wgsl from '../../shaders/format/decode4.wgsl?raw';
import { decodeTable } from '../../src/format/decode.js';
import { codeCount } from '../../src/format/format.js';
import { elementFormats, formats } from '../../src/format/formats.js';
import { formatConstant, formatShaders } from '../../src/format/shader.js';
import { openTestGpu } from '../adapter.js';
import testWgsl from './decode4.wgsl?raw';

const gpu = await openTestGpu();

for (const name of elementFormats)
  test(`four codes of ${name} at once are what the oracle says, subnormals included`, async () => {
    const format = formats[name];
    const count = codeCount(format);
    const values = gpu.buffer('values', count * 4);
    const { format: formatWgsl, decode } = formatShaders;
    const shader = {
      label: `decode4 ${name}`,
      files: [formatWgsl, decode, decode4Wgsl, testWgsl],
      constants: { FORMAT: formatConstant(format) },
    };
    const workgroups = [Math.ceil(count / 256), 1, 1] as const;
    await gpu.run(shader.label, [{ shader, buffers: [values], params: [0], workgroups }]);
    const actual = new Uint32Array(await gpu.read(values, count * 4));
    values.destroy();

    const expected = new Uint32Array(decodeTable(format).buffer);
    const isNaNBits = (bits: number) => (bits & 0x7fffffff) > 0x7f800000;
    const different = [...expected.keys()].filter((code) => {
      const [bits, wanted] = [actual[code] as number, expected[code] as number];
      return isNaNBits(wanted) ? !isNaNBits(bits) : bits !== wanted;
    });
    expect(different).toEqual([]);
  });
