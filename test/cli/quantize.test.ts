import { existsSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readMatrix } from '../../src/io/matrix-file.js';
import { readNpy } from '../../src/io/npy-file.js';
import { readFolder } from '../../src/io/quantized-folder.js';
import { matrix } from '../../src/matrix.js';
import { dequantize } from '../../src/quantize/dequantize.js';
import { type QuantizeOptions, quantize } from '../../src/quantize/quantize.js';
import { writeRawNpy } from '../io/npy-bytes.js';
import { temporaryFolder } from '../io/temporary.js';
import { octileHere } from './in-process.js';
import { save, values } from './matrices.js';
import { octile, octileJson } from './octile.js';

const at = temporaryFolder();
const software = ['--adapter', 'software'];

const cases: [args: string[], options: QuantizeOptions][] = [
  [[], {}],
  [
    ['--format', 'e5m6', '--granularity', '128x128', '--pow2', '--dialect', 'ieee'],
    { format: 'e5m6', granularity: '128x128', powerOfTwo: true, dialect: 'ieee' },
  ],
  [['--format', 'e2m1', '--granularity', '1x32'], { format: 'e2m1', granularity: '1x32' }],
];

test.each(cases)(
  'quantize %j writes what the oracle computes, and dequantize reads it',
  async (args, options) => {
    const source = values(130, 303, 7);
    const [input, folder, output] = [at('x.npy'), at(`q${args.join('')}`), at(`d${args.join('')}.npy`)];
    await save(input, source);
    const expected = quantize(source, options);
    const made = await octileJson<Record<string, unknown>>([
      'quantize',
      input,
      '-o',
      folder,
      ...args,
      ...software,
    ]);
    expect(readdirSync(folder).sort()).toEqual(['codes.npy', 'quantized.json', 'scales.npy']);
    const { matrix: written, description } = await readFolder(folder);
    expect(written).toEqual(expected);
    const { dialect = expected.granularity.name === '1x32' ? 'mx' : 'deepgemm' } = options;
    const facts = {
      rows: 130,
      cols: 303,
      format: expected.format.name,
      granularity: expected.granularity.name,
      dialect,
      pow2: options.powerOfTwo ?? expected.granularity.name === '1x32',
    };
    expect(description).toEqual(facts);
    expect(made).toMatchObject({
      ...facts,
      command: 'quantize',
      input: { path: input, dtype: 'f32', bytes: 130 * 303 * 4 },
      output: { path: folder },
      codes: { bytes: expected.codes.byteLength },
      scales: { rows: expected.scaleRows, cols: expected.scaleCols, bytes: expected.scales.byteLength },
      adapter: { kind: 'software' },
      notes: [],
    });

    const back = await octile(['dequantize', folder, '-o', output, ...software]);
    expect(back).toMatchObject({ status: 0 });
    expect(back.stdout).toContain(`${output}: 130 x 303 f32`);
    expect(await readMatrix(output)).toEqual(dequantize(expected));
  },
);

test('bf16, f16 and f64 go in; bf16 and f16 come out', async () => {
  const bits = Uint16Array.from(values(4, 130, 3).data, (value) => {
    const word = new Uint32Array(Float32Array.of(value).buffer)[0] as number;
    return word >>> 16;
  });
  const half = Uint16Array.from({ length: 520 }, (_, i) => 0x3000 + 17 * i);
  const double = Float64Array.from({ length: 520 }, (_, i) => 1 / (i + 1));
  await save(at('bf16.npy'), matrix(4, 130, bits, 'bf16'));
  await save(at('f16.npy'), matrix(4, 130, half, 'f16'));
  writeRawNpy(at('f64.npy'), { descr: '<f8', shape: '(4, 130)', data: double });
  const [, , rounded] = await Promise.all([
    octileJson(['quantize', at('bf16.npy'), '--dtype', 'bf16', '-o', at('from-bf16'), ...software]),
    octileJson(['quantize', at('f16.npy'), '-o', at('from-f16'), ...software]),
    octile(['quantize', at('f64.npy'), '-o', at('from-f64'), '--json', ...software]),
  ]);
  expect((await readFolder(at('from-bf16'))).matrix).toEqual(quantize(matrix(4, 130, bits, 'bf16')));
  expect((await readFolder(at('from-f16'))).matrix).toEqual(quantize(matrix(4, 130, half, 'f16')));
  const fromDouble = quantize(matrix(4, 130, Float32Array.from(double)));
  expect((await readFolder(at('from-f64'))).matrix).toEqual(fromDouble);
  const note = `${at('f64.npy')} holds f64; its values were rounded to f32`;
  expect(JSON.parse(rounded.stdout).notes).toEqual([note]);
  expect(rounded.stderr).toContain(`note: ${note}\n`);

  await Promise.all(
    (['bf16', 'f16'] as const).map(async (dtype) => {
      const output = at(`to-${dtype}.npy`);
      await octileJson(['dequantize', at('from-f64'), '-o', output, '--dtype', dtype, ...software]);
      expect((await readNpy(output)).dtype).toBe(dtype === 'bf16' ? 'u2' : 'f2');
      expect(await readMatrix(output, { dtype })).toEqual(dequantize(fromDouble, dtype));
    }),
  );
});

test('a failure leaves what was there before', async () => {
  await save(at('small.npy'), values(2, 3, 1));
  await octileJson(['quantize', at('small.npy'), '-o', at('kept'), ...software]);
  const before = readFileSync(at('kept/codes.npy'));
  const { status } = await octile([
    'quantize',
    at('small.npy'),
    '-o',
    at('kept'),
    '--adapter',
    'nothing-like-it',
  ]);
  expect(status).toBe(1);
  expect(readFileSync(at('kept/codes.npy')).equals(before)).toBe(true);
  const over = await octile(['quantize', at('kept/codes.npy'), '-o', at('kept'), ...software]);
  expect(over.status).toBe(1);
  expect(readdirSync(at('kept')).sort()).toEqual(['codes.npy', 'quantized.json', 'scales.npy']);
  const missing = await octile(['quantize', at('nowhere.npy'), '-o', at('not-made'), ...software]);
  expect(missing.status).toBe(1);
  expect(existsSync(at('not-made'))).toBe(false);
  const absent = await octile([
    'quantize',
    at('small.npy'),
    '-o',
    at('not-made'),
    '--adapter',
    'nothing-like-it',
  ]);
  expect(absent.status).toBe(1);
  expect(existsSync(at('not-made'))).toBe(false);
});

test('a matrix that the adapter cannot take is refused before it is read', async () => {
  // 64 GiB of zeros that take no room on the disk: more than an adapter takes in a buffer, and than reading bears.
  const input = writeRawNpy(at('huge.npy'), {
    descr: '<f4',
    shape: '(131072, 131072)',
    data: new Uint8Array(0),
  });
  truncateSync(input, readFileSync(input).length + 4 * 131072 ** 2);
  const { status, stdout, stderr } = await octileHere('quantize', input, '-o', at('huge'), ...software);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/huge\.npy needs 68719476736 bytes in one buffer; SwiftShader.* allows \d+/);
  expect(existsSync(at('huge'))).toBe(false);
});
