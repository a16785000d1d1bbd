import { beforeAll, describe, expect, test } from 'vitest';
import { writeFiles } from '../../src/io/files.js';
import { codesFile, matrixFile, readMatrix, scalesFile } from '../../src/io/matrix-file.js';
import { matrix } from '../../src/matrix.js';
import { hopperGemms, wgmmaSets } from '../accumulate/hopper.js';
import { temporaryFolder } from '../io/temporary.js';
import { octile, octileJson } from './octile.js';

const at = temporaryFolder();
const { unit, block } = hopperGemms();
const instruction = wgmmaSets().find(({ name }) => name === 'e4m3-uniform-c');
if (!instruction) throw new Error('the captured instructions lack e4m3-uniform-c');

interface GemmResult {
  readonly kernel: string;
  readonly accumulator: object;
}

beforeAll(async () => {
  const codes = (name: string, rows: number, cols: number, data: Uint8Array) =>
    codesFile(at(name), { rows, cols, codes: data.subarray(0, rows * cols) });
  const scales = (name: string, rows: number, data: Float32Array) =>
    scalesFile(at(name), { shape: [rows, data.length / rows], scales: data });
  await writeFiles([
    codes('unit-a.npy', 64, 1024, unit.a),
    codes('unit-b.npy', 128, 1024, unit.b),
    codes('block-a.npy', 64, 1024, block.a),
    codes('block-b.npy', 128, 1024, block.b),
    scales('block-sa.npy', 64, block.aScale),
    scales('block-sb.npy', 1, block.bScale),
    codes('one-a.npy', 64, 32, instruction.a),
    codes('one-b.npy', 8, 32, instruction.b),
    matrixFile(at('one-c.npy'), matrix(64, 8, instruction.c.slice(0, 512))),
  ]);
});

const words = (data: Float32Array | Uint16Array) =>
  new Uint32Array(data.buffer, data.byteOffset, data.length);
const unitOperands = '--a {unit-a.npy} --b {unit-b.npy}';
const blockOperands = '--a {block-a.npy} --a-scale {block-sa.npy} --b {block-b.npy} --b-scale {block-sb.npy}';
const blockKinds = '--a-granularity 1x128 --b-granularity 128x128';

/** {name} stands for a path in the test's folder. */
function arguments_(line: string): string[] {
  return line.split(' ').map((word) => word.replace(/^\{(.*)\}$/, (_, name: string) => at(name)));
}

describe('captured results of a Hopper tensor core, through the command line', () => {
  const order = { profile: 'hopper-wgmma', promotion: 'fused', splitK: 1, cIn: 'epilogue' };

  test.each([
    ['unsplit', 'stepwise', `${unitOperands} --promote none`, { promote: 'none' }, unit.fast],
    ['promoted', 'reference', unitOperands, { promote: 128 }, unit.split],
    ['block-scaled', 'emulated', `${blockOperands} ${blockKinds}`, { promote: 128 }, block.out],
  ] as const)('a GEMM %s, by %s', async (name, kernel, operands, wanted, captured) => {
    const file = at(`${name}.npy`);
    const chosen = kernel === 'emulated' ? '' : ` --kernel ${kernel}`;
    const line = `gemm ${operands} --accumulator hopper-wgmma${chosen} --adapter software -o`;
    const result = await octileJson<GemmResult>([...arguments_(line), file]);
    expect(result).toMatchObject({ kernel, accumulator: { ...order, ...wanted } });
    const { rows, cols, data } = await readMatrix(file);
    expect([rows, cols]).toEqual([64, 128]);
    expect(words(data as Float32Array)).toEqual(words(captured));
  });

  test.each(['stepwise', 'reference'])('an instruction with C in its accumulator, by %s', async (kernel) => {
    const file = at(`one-${kernel}.npy`);
    const line =
      'gemm --a {one-a.npy} --b {one-b.npy} --c {one-c.npy} --c-in accumulator --promote none ' +
      `--accumulator hopper-wgmma --kernel ${kernel} --adapter software -o`;
    const result = await octileJson<GemmResult>([...arguments_(line), file]);
    expect(result.accumulator).toMatchObject({ ...order, promote: 'none', cIn: 'accumulator' });
    const { data } = await readMatrix(file);
    expect(words(data as Float32Array)).toEqual(instruction.d.slice(0, 512));
  });
});

test('a profile of three parameters, told to people', async () => {
  const line =
    `gemm ${unitOperands} --accumulator custom --products 16 --fraction-bits 10 --output-bits 9 --promote 64 ` +
    '--promotion transformer-engine --split-k 2 --kernel reference -o {custom.npy}';
  const { status, stdout } = await octile(arguments_(line));
  expect(status).toBe(0);
  expect(stdout).toContain(
    'custom of 16 products, 10 fraction bits, 9 output bits, promoted every 64, transformer-engine promotion, K in 2 parts',
  );
});

const gemm = `gemm ${unitOperands} -o {d.npy}`;
const scaled = `gemm ${blockOperands} ${blockKinds} -o {d.npy}`;
const hopper = '--accumulator hopper-wgmma';

test.each([
  [`${gemm} --accumulator volta`, /'volta' is invalid.*hopper-wgmma, ada-mma, blackwell, exact, f32, custom/],
  [`${gemm} --accumulator custom --products 32`, /--accumulator is "custom"; .*--output-bits/],
  [
    `${gemm} --accumulator custom --products 200 --fraction-bits 13 --output-bits 13`,
    /--products is 200; allowed: a whole number from 1 to 128/,
  ],
  [`${gemm} ${hopper} --fraction-bits 12`, /--fraction-bits is 12; .*without --accumulator custom/],
  [`${gemm} ${hopper} --promote 100`, /--promote is 100; allowed: a multiple of 32\n/],
  [`${gemm} ${hopper} --promote often`, /'often' is invalid.*a multiple of 32, or none/],
  [`${scaled} ${hopper} --promote none`, /--promote is "none"; .*scales change every 128 of K/],
  [`${scaled} ${hopper} --promote 256`, /--promote is 256; .*up to 128, the width of a scale tile/],
  [`${gemm} ${hopper} --split-k 9`, /--split-k is 9; allowed: 1 to 8 for K = 1024/],
  [`${gemm} ${hopper} --promotion late`, /'late' is invalid.*fused, transformer-engine/],
  [`${gemm} ${hopper} --c-in accumulator`, /--c-in is "accumulator"; allowed: nothing, without --c/],
  [
    `${gemm} ${hopper} --kernel portable`,
    /--kernel is "portable"; allowed: auto, emulated, stepwise, reference/,
  ],
  [`${gemm} --kernel stepwise`, /--kernel is "stepwise"; .*portable, reference without --accumulator/],
  [`${gemm} --promote 64`, /--promote is 64; allowed: nothing, without --accumulator/],
  [`${gemm} --split-k 2`, /--split-k is 2; allowed: nothing, without --accumulator/],
  [`${gemm} --products 8`, /--products is 8; allowed: nothing, without --accumulator/],
  ['verify --count 5', /--count is 5; allowed: nothing, without --accumulator/],
  ['verify --accumulator --kernel stepwise', /--accumulator' cannot be used with option '--kernel/],
])('octile %s is refused', async (line, message) => {
  const { status, stdout, stderr } = await octile(arguments_(line));
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(message);
});
