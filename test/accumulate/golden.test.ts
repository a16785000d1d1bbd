import { expect, test } from 'vitest';
import { operands } from '../../src/accumulate/operand.js';
import { hopperWgmma } from '../../src/accumulate/profile.js';
import { fusedStep, tensorCoreNaN } from '../../src/accumulate/step.js';
import { formats } from '../../src/format/formats.js';
import { emulatedOutputs } from '../../src/gemm/emulated/reference.js';
import { QuantizedMatrix } from '../../src/quantize/quantized-matrix.js';
import { hopperGemms, wgmmaSets } from './hopper.js';

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);
function bits(value: number): number {
  if (Number.isNaN(value)) return tensorCoreNaN;
  float[0] = value;
  return word[0] as number;
}

for (const set of wgmmaSets())
  test(`the oracle gives all ${set.d.length} captured results of ${set.name}`, () => {
    const a = operands(formats[set.aFormat]);
    const b = operands(formats[set.bFormat]);
    let mismatches = 0;
    for (let i = 0; i < set.d.length; i++) {
      const instruction = Math.floor(i / 512);
      const row = Math.floor((i % 512) / 8);
      const result = fusedStep(
        hopperWgmma,
        { operands: a, codes: set.a, start: (instruction * 64 + row) * 32 },
        { operands: b, codes: set.b, start: (instruction * 8 + (i % 8)) * 32 },
        32,
        set.c[i] as number,
      );
      if (bits(result) !== set.d[i]) mismatches++;
    }
    expect(mismatches).toBe(0);
  });

const { unit, block } = hopperGemms();
const ones = new Float32Array([1]);
const a = new QuantizedMatrix(64, 1024, 'e4m3', 'tensor', unit.a, ones);
const b = new QuantizedMatrix(128, 1024, 'e4m3', 'tensor', unit.b, ones);

test.each([
  ['none', unit.fast],
  [128, unit.split],
] as const)('the oracle gives the 8192 captured results of a GEMM promoted every %s', (promote, expected) => {
  expect(mismatches(a, b, promote, expected)).toBe(0);
});

test('the oracle gives the 8192 captured results of a block-scaled GEMM', () => {
  const scaledA = new QuantizedMatrix(64, 1024, 'e4m3', '1x128', block.a, block.aScale);
  const scaledB = new QuantizedMatrix(128, 1024, 'e4m3', '128x128', block.b, block.bScale);
  expect(mismatches(scaledA, scaledB, 128, block.out)).toBe(0);
});

function mismatches(
  left: QuantizedMatrix,
  right: QuantizedMatrix,
  promote: number | 'none',
  expected: Float32Array,
): number {
  const outputs = emulatedOutputs(left, right, { accumulator: 'hopper-wgmma', promote });
  return expected.filter((value, i) => bits(outputs.at(Math.floor(i / 128), i % 128)) !== bits(value)).length;
}
