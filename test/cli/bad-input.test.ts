import { linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { writeFiles } from '../../src/io/files.js';
import { matrixFile } from '../../src/io/matrix-file.js';
import { folderFiles } from '../../src/io/quantized-folder.js';
import { quantize } from '../../src/quantize/quantize.js';
import { writeRawNpy } from '../io/npy-bytes.js';
import { temporaryFolder } from '../io/temporary.js';
import { save, values } from './matrices.js';
import { type Finished, octile } from './octile.js';

const at = temporaryFolder();

/** Bad command lines: {name} stands for a path in the test's folder; the status; what the message says. */
type Bad = readonly [line: string, status: 1 | 2, message: RegExp];

beforeAll(async () => {
  await save(at('x.npy'), values(4, 256, 1));
  await save(at('c.npy'), values(5, 4, 2));
  for (const [name, rows, cols] of [
    ['a', 4, 256],
    ['b', 6, 256],
    ['k', 6, 384],
  ] as const) {
    mkdirSync(at(name));
    const quantized = quantize(values(rows, cols, 3), {});
    await writeFiles(folderFiles(at(name), quantized, { dialect: 'deepgemm', pow2: false }));
  }
  mkdirSync(at('plain'));
  await writeFiles(
    folderFiles(at('plain'), quantize(values(3, 384, 4), { granularity: '128x128' }), {
      dialect: 'deepgemm',
      pow2: false,
    }),
  );
  rmSync(at('plain/quantized.json'));
  mkdirSync(at('values'));
  await writeFiles([matrixFile(at('values/codes.npy'), values(2, 2, 5))]);
  linkSync(at('a/codes.npy'), at('linked.npy'));
  writeFileSync(at('text.npy'), 'this is not an array');
  const six = Float32Array.of(1, 2, 3, 4, 5, 6);
  writeRawNpy(at('short.npy'), { descr: '<f4', shape: '(4, 4)', data: six });
  writeRawNpy(at('big-endian.npy'), { descr: '>f4', shape: '(2, 3)', data: six });
  writeRawNpy(at('integers.npy'), { descr: '<i8', shape: '(1, 3)', data: six });
  writeRawNpy(at('cube.npy'), { descr: '<f4', shape: '(1, 2, 3)', data: six });
  writeRawNpy(at('number.npy'), { descr: '<f4', shape: '()', data: six.subarray(0, 1) });
  writeRawNpy(at('u16.npy'), { descr: '<u2', shape: '(3, 4)', data: six });
  writeRawNpy(at('scales3.npy'), { descr: '<f4', shape: '(3,)', data: six.subarray(0, 3) });
  writeRawNpy(at('scales2x3.npy'), { descr: '<f4', shape: '(2, 3)', data: six });
});

const quantizeCases: Bad[] = [
  ['quantize -o {out}', 2, /missing required argument 'X\.npy'/],
  ['quantize {x.npy}', 2, /required option '-o, --output <DIR>' not specified/],
  [
    'quantize  -o {out}',
    2,
    /value '' is invalid for argument 'X\.npy'.*\n\(octile help quantize shows how\)/,
  ],
  ['quantize {x.npy} -o {out} --adapter ', 2, /'--adapter <which>' argument '' is invalid/],
  ['quantize {x.npy} -o {x.npy/out}', 1, /--output: .*x\.npy.*out cannot be made: .* is not a folder/],
  ['quantize {x.npy} -o /proc/octile/out', 1, /\/proc\/octile cannot be made/],
  ['quantize {x.npy} -o {out} --color', 2, /unknown option '--color'/],
  ['quantize {x.npy} {c.npy} -o {out}', 2, /too many arguments/],
  ['quantize {x.npy} -o {out} --format e9m9', 2, /'e9m9' is invalid.*e4m3, e5m2, e5m6/],
  ['quantize {x.npy} -o {out} --format e8m0', 2, /'e8m0' is invalid/],
  ['quantize {x.npy} -o {out} --granularity 2x2', 2, /'2x2' is invalid.*tensor, row, 1x128/],
  ['quantize {x.npy} -o {out} --dialect latin', 2, /'latin' is invalid.*deepgemm, deepseek/],
  ['quantize {x.npy} -o {out} --dialect mx', 2, /dialect is "mx"; allowed: .*1x32/],
  ['quantize {x.npy} -o {out} --dtype f8', 2, /'f8' is invalid.*f32, bf16, f16/],
  ['quantize {x.npy} -o {out} --dtype bf16', 2, /--dtype is "bf16"; allowed: f32, .*x\.npy holds/],
  ['quantize {x.npy} -o {out} --adapter null', 2, /null adapter computes nothing/],
  ['quantize {x.npy} -o {out} --adapter nothing-like-it', 1, /no WebGPU adapter \(nothing-like-it\)/],
  ['quantize {nowhere.npy} -o {out} --json', 1, /<X\.npy>: .*nowhere\.npy does not exist/],
  ['quantize {a} -o {out}', 1, /a is a folder, not a file/],
  ['quantize {text.npy} -o {out}', 1, /<X\.npy>: .*text\.npy is not an \.npy file/],
  ['quantize {short.npy} -o {out}', 1, /short\.npy is cut short/],
  ['quantize {big-endian.npy} -o {out}', 1, /big-endian\.npy .*>f4/],
  ['quantize {integers.npy} -o {out}', 1, /integers\.npy holds i8/],
  ['quantize {cube.npy} -o {out}', 1, /cube\.npy has 3 dimensions/],
  ['quantize {number.npy} -o {out}', 1, /number\.npy holds a single number/],
  ['quantize {u16.npy} -o {out}', 1, /u16\.npy holds u2.*--dtype bf16/],
  ['quantize {a/codes.npy} -o {out}', 1, /codes\.npy holds u1, which are codes/],
  ['quantize {x.npy} -o {c.npy}', 1, /c\.npy is a file; the output must be a folder/],
  ['quantize {values/codes.npy} -o {values}', 1, /codes\.npy is also an input .*not overwritten/],
];

const dequantizeCases: Bad[] = [
  ['dequantize {a}', 2, /required option '-o, --output <X\.npy>' not specified/],
  ['dequantize {nowhere} -o {y.npy}', 1, /<DIR>: .*nowhere does not exist/],
  ['dequantize {x.npy} -o {y.npy}', 1, /x\.npy is not a folder/],
  ['dequantize {values} -o {y.npy}', 1, /<DIR>: .*codes\.npy holds f4; codes of e4m3 are u1/],
  ['dequantize {a} -o {y.npy} --format e5m2', 2, /--format is "e5m2"; allowed: e4m3, as .*quantized\.json/],
  ['dequantize {a} -o {y.npy} --granularity row', 2, /--granularity is "row"; allowed: 1x128/],
  ['dequantize {plain} -o {y.npy} --granularity row', 1, /granularity row of a 3 x 384 matrix takes 3 x 1/],
  ['dequantize {plain} -o {y.npy} --format e5m6', 1, /codes of e5m6 are u2/],
  ['dequantize {a} -o {missing/y.npy}', 1, /cannot be written: the folder .*missing does not exist/],
  ['dequantize {a} -o {x.npy/y.npy}', 1, /x\.npy is not a folder/],
  ['dequantize {a} -o {b}', 1, /--output: .*b is a folder; the output must be a file/],
  ['dequantize {a} -o /dev/null', 1, /not a regular file and is not overwritten/],
  ['dequantize {a} -o {a/codes.npy}', 1, /codes\.npy is also an input/],
  ['dequantize {a} -o {linked.npy}', 1, /linked\.npy is also an input/],
];

const gemmCases: Bad[] = [
  ['gemm --a {a} -o {d.npy}', 2, /required option '--b <B\.npy\|DIR>' not specified/],
  ['gemm --a  --b {k} -o {d.npy}', 2, /'--a <A\.npy\|DIR>' argument '' is invalid/],
  ['gemm --a {a} --b {k} -o {d.npy}', 2, /--b is ".*k, 6 x 384"; allowed: N x 256, .*a\) is 4 x 256/],
  ['gemm --a {a} --b {b} --c {c.npy} -o {d.npy}', 2, /--c is ".*c\.npy, 5 x 4"; allowed: 4 x 6/],
  ['gemm --a {a} --b {b} --kernel magic -o {d.npy}', 2, /'magic' is invalid.*auto, .*reference/],
  ['gemm --a {a} --b {b} --out f64 -o {d.npy}', 2, /'f64' is invalid/],
  ['gemm --a {a} --b {b} --a-scale {scales3.npy} -o {d.npy}', 2, /--a-scale is .* is a folder with scales/],
  ['gemm --a {a} --b {b} --b-format e5m2 -o {d.npy}', 2, /--b-format is "e5m2"; allowed: e4m3/],
  ['gemm --a {a} --b {b} --a-granularity row -o {d.npy}', 2, /--a-granularity is "row"; allowed: 1x128/],
  [
    'gemm --a {plain/codes.npy} --a-scale {scales3.npy} --b {k} -o {d.npy}',
    2,
    /--a-granularity .*row or 128x128, since .*scales3\.npy holds 3 scales/,
  ],
  [
    'gemm --a {plain/codes.npy} --a-scale {scales2x3.npy} --b {k} -o {d.npy}',
    1,
    /--a-scale: .*scales2x3\.npy holds 2 x 3 scales of f4, which fits no granularity of a 3 x 384 matrix: tensor 1 x 1/,
  ],
  [
    'gemm --a {a/codes.npy} --a-scale {a/scales.npy} --a-granularity 128x128 --b {b} -o {d.npy}',
    1,
    /granularity 128x128 of a 4 x 256 matrix takes 1 x 2/,
  ],
  ['gemm --a {x.npy} --b {b} -o {d.npy}', 1, /x\.npy holds f4; codes of e4m3 are u1\. Values become codes/],
  ['gemm --a {a/codes.npy} --a-format e2m1 --b {b} -o {d.npy}', 1, /--a: .*no array of e2m1 codes/],
  ['gemm --a {nowhere} --b {b} -o {d.npy}', 1, /--a: .*nowhere does not exist/],
  ['gemm --a {a} --b {nowhere} -o {d.npy}', 1, /--b: .*nowhere does not exist/],
  ['gemm --a {a} --b {values} -o {d.npy}', 1, /--b: .*codes\.npy holds f4/],
  ['gemm --a {a/codes.npy} --a-scale {nowhere} --b {b} -o {d.npy}', 1, /--a-scale: .*nowhere does not exist/],
  ['gemm --a {a} --b {b} --c {nowhere} -o {d.npy}', 1, /--c: .*nowhere does not exist/],
  ['gemm --a {a} --b {b} --c {u16.npy} -o {d.npy}', 1, /--c: .*u16\.npy holds u2.*--c-dtype bf16/],
  ['gemm --a {a} --b {b} --c {x.npy} --c-dtype f16 -o {d.npy}', 2, /--c-dtype is "f16"; allowed: f32/],
  ['gemm --a {a} --b {b} -o {b/scales.npy}', 1, /scales\.npy is also an input/],
  ['gemm --a {a} --b {b} -o {missing/d.npy}', 1, /--output: .*the folder .*missing does not exist/],
];

test.each([...quantizeCases, ...dequantizeCases, ...gemmCases])(
  'octile %s',
  async (line, status, message) => {
    const args = line.split(' ').map((word) => word.replace(/^\{(.*)\}$/, (_, name: string) => at(name)));
    const finished = await octile(args);
    expect(finished).toMatchObject({ status, stdout: '' });
    expect(finished.stderr).toMatch(message);
    expectOneMessage(finished);
  },
);

test('OCTILE_DEBUG=1 adds the stack', async () => {
  const args = ['quantize', at('nowhere.npy'), '-o', at('out')];
  const [plain, debug] = await Promise.all([octile(args), octile(args, { OCTILE_DEBUG: '1' })]);
  expect(plain.stderr).not.toMatch(/^\s+at /m);
  expect(debug).toMatchObject({ status: 1, stdout: '' });
  expect(debug.stderr).toMatch(/^\s+at /m);
});

/** An error is one message, and no stack. */
function expectOneMessage({ stderr }: Finished): void {
  expect(stderr.match(/^error: /gm)).toHaveLength(1);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stderr).not.toContain('unexpected:');
}
