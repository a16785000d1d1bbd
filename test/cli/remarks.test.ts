import { beforeAll, expect, test } from 'vitest';
import { matrix } from '../../src/matrix.js';
import { temporaryFolder } from '../io/temporary.js';
import { save, values } from './matrices.js';
import { octile } from './octile.js';

const at = temporaryFolder();
const software = ['--adapter', 'software'];

/** Runs a command, expects it to succeed, and gives its notes, which stand on stderr too. */
async function notesOf(...args: string[]): Promise<string[]> {
  const { status, stdout, stderr } = await octile([...args, '--json', ...software]);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  const { notes } = JSON.parse(stdout) as { notes: string[] };
  expect(stderr.match(/^note: .*$/gm) ?? []).toEqual(notes.map((text) => `note: ${text}`));
  return notes;
}

beforeAll(async () => {
  const broken = values(3, 256, 1);
  broken.data[5] = Number.NaN;
  broken.data[256 + 200] = Number.NEGATIVE_INFINITY;
  await Promise.all([
    save(at('broken.npy'), broken),
    save(at('whole.npy'), values(4, 256, 2)),
    save(at('large.npy'), matrix(1, 256, new Float32Array(256).fill(3e38))),
  ]);
});

test('scales and elements of a product that are not finite are counted', async () => {
  const [broken, octaves, whole, large] = await Promise.all([
    notesOf('quantize', at('broken.npy'), '-o', at('broken')),
    notesOf('quantize', at('broken.npy'), '-o', at('octaves'), '--granularity', '1x32'),
    notesOf('quantize', at('whole.npy'), '-o', at('whole')),
    notesOf('quantize', at('large.npy'), '-o', at('large')),
  ]);
  expect(broken).toEqual([
    expect.stringMatching(/^2 of 6 scales are not finite: NaN or infinity in the input/),
  ]);
  expect(octaves).toEqual([expect.stringMatching(/^2 of 24 scales are not finite: /)]);
  expect([...whole, ...large]).toEqual([]);

  const [nan, sums, none] = await Promise.all([
    notesOf('gemm', '--a', at('broken'), '--b', at('whole'), '-o', at('nan.npy')),
    notesOf('gemm', '--a', at('large'), '--b', at('large'), '-o', at('sums.npy')),
    notesOf('gemm', '--a', at('whole'), '--b', at('whole'), '-o', at('none.npy')),
  ]);
  expect(nan).toEqual([expect.stringMatching(/^8 of 12 elements of D are not finite: /)]);
  expect(sums).toEqual([
    expect.stringMatching(/^1 of 1 elements of D are not finite: .* beyond what f32 holds/),
  ]);
  expect(none).toEqual([]);
});

test('codes are multiplied without the scales beside them, and that is said', async () => {
  await notesOf('quantize', at('whole.npy'), '-o', at('beside'));
  const [codes, scales] = [at('beside/codes.npy'), at('beside/scales.npy')];
  const rest = ['--b', at('beside'), '-o', at('d.npy')];
  expect(await notesOf('gemm', '--a', codes, ...rest)).toEqual([
    `${codes}: scales are taken as 1; to use ${scales}, name it with --a-scale, or name the folder`,
  ]);
  expect(await notesOf('gemm', '--a', codes, '--a-scale', scales, ...rest)).toEqual([]);
});
