import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import exponentsAskedWgsl from '../../shaders/gemm/matrix/exponents-asked.wgsl?raw';
import exponentsKeptWgsl from '../../shaders/gemm/matrix/exponents-kept.wgsl?raw';
import matrixDecodedWgsl from '../../shaders/gemm/matrix/matrix-decoded.wgsl?raw';
import matrixMixedWgsl from '../../shaders/gemm/matrix/matrix-mixed.wgsl?raw';
import matrixUnitWgsl from '../../shaders/gemm/matrix/matrix-unit.wgsl?raw';
import scaleHalvesF16Wgsl from '../../shaders/gemm/scale-halves-f16.wgsl?raw';
import skinnyDirectWgsl from '../../shaders/gemm/skinny-direct.wgsl?raw';
import sumsSixteenRowsWgsl from '../../shaders/gemm/sums-sixteen-rows.wgsl?raw';
import { emulated } from '../../src/gemm/emulated/emulated.js';
import { fusedMatrix } from '../../src/gemm/fused/matrix.js';
import { fusedPortable } from '../../src/gemm/fused/portable.js';
import { fusedSkinny } from '../../src/gemm/fused/skinny.js';
import { half } from '../../src/gemm/half.js';
import type { Emulator } from '../../src/gemm/kernel.js';
import { matrix } from '../../src/gemm/matrix/folded.js';
import { matrixHalf } from '../../src/gemm/matrix/half-sums.js';
import { matrixPromoted } from '../../src/gemm/matrix/promoted.js';
import { portable } from '../../src/gemm/portable.js';
import { skinny } from '../../src/gemm/skinny.js';
import { link, type Shader } from '../../src/gpu/shader.js';
import { softwareFolder } from '../../src/gpu/software.js';
import { root } from '../built.js';
import { inSoftware } from '../gemm/in-software.js';

/** What has shaders under a name. */
type Variants = Pick<Emulator, 'name' | 'variants'>;

/** A kernel's shaders that have this file. */
function having(kernel: Variants, file: string): Shader[] {
  return kernel.variants().filter(({ files }) => files.includes(file));
}

/**
 * Indices into workgroup memory that are minima, by kernel. Robustness adds one wherever the compiler cannot prove an
 * index to be in bounds; in a loop over K they cost a good part of a kernel's speed. Those left are outside such loops,
 * or written down as minima, which is how the compiler is told.
 */
const known: readonly (readonly [kernel: Variants, count: number])[] = [
  [portable, 0],
  [{ name: 'portable of 16 rows a thread', variants: () => having(portable, sumsSixteenRowsWgsl) }, 0],
  [{ name: 'fused', variants: () => fusedPortable.variants() }, 0],
  // Adding up the sums of lanes or threads, after the loop.
  [skinny, 3],
  [{ name: 'skinny, A read by each thread', variants: () => having(skinny, skinnyDirectWgsl) }, 5],
  [{ name: 'fused for few rows', variants: () => fusedSkinny.variants() }, 3],
  [half, 0],
  // Filling the tables, before the loop.
  [emulated, 2],
  // On units in software, which have three of their own; and the segments' place in the tile.
  [{ name: 'matrix, tiles of one band', variants: () => having(matrix, exponentsAskedWgsl) }, 4],
  // And, after the loop, the exponents of a row and of its columns.
  [{ name: 'matrix, tiles of several bands', variants: () => having(matrix, exponentsKeptWgsl) }, 8],
  [{ name: 'matrix, both operands decoded before', variants: () => having(matrix, matrixDecodedWgsl) }, 4],
  [{ name: 'matrix, A decoded before', variants: () => having(matrix, matrixMixedWgsl) }, 5],
  // The scales of an interval besides.
  [matrixPromoted, 8],
  [matrixHalf, 8],
  // And where A's halves are put, and the scale that comes with them.
  [{ name: 'fused on matrix units', variants: () => fusedMatrix.variants() }, 10],
];

/** The plainest shader of a kernel, as it compiles without special hardware. */
function plainShader(kernel: Variants): Shader {
  const isPlain = ({ label, files }: Shader) =>
    / e4m3 x e4m3 to f32$/.test(label) && !files.includes(scaleHalvesF16Wgsl);
  const shader = kernel.variants().find(isPlain);
  if (!shader) throw new Error(`${kernel.name} has no plain variant`);
  const software = inSoftware(shader);
  const { SUBGROUP_SIZE, ...constants } = software.constants;
  return SUBGROUP_SIZE === undefined
    ? software
    : { ...software, constants: { ...constants, SUBGROUP_SIZE: 32 } };
}

/** Accesses to workgroup memory whose index is a minimum, in a SPIR-V disassembly. */
function clamps(spirv: string): number {
  const definitions = new Map<string, string>();
  for (const [, id, text] of spirv.matchAll(/^\s*(%\w+) = (.*)$/gm))
    definitions.set(id as string, text as string);
  const isMinimum = (id: string) => / UMin /.test(definitions.get(id) ?? '');
  return [...definitions.values()].filter((text) => {
    const [, indices] = text.match(/^OpAccessChain %_ptr_Workgroup_\w+ %\w+ (.*)$/) ?? [];
    return indices?.split(' ').some(isMinimum);
  }).length;
}

/** The SPIR-V that Dawn makes of a shader's text. By way of a file: what a pipe has no room for at once, Dawn loses. */
async function spirvOf(code: string, software: string, folder: string): Promise<string> {
  const [file, output] = [join(folder, 'shader.wgsl'), join(folder, 'shader.txt')];
  writeFileSync(file, code);
  const descriptor = openSync(output, 'w');
  const child = spawn(process.execPath, [join(root, 'test/shaders/dump.mjs'), software, file], {
    stdio: ['ignore', descriptor, 'pipe'],
  });
  closeSync(descriptor);
  let [errors, ended] = ['', false];
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    errors += piece;
  });
  child.on('exit', () => {
    ended = true;
  });
  const deadline = Date.now() + 60_000;
  try {
    for (;;) {
      const last = ended || Date.now() > deadline;
      const text = readFileSync(output, 'utf8');
      // The entry point is the last function.
      if (/= OpFunctionCall [\s\S]*OpFunctionEnd\s*$/.test(text.slice(-2000))) return text;
      if (last) throw new Error(errors || `no SPIR-V: ${text.slice(-500)}`);
      await setTimeout(20);
    }
  } finally {
    child.kill('SIGKILL');
  }
}

/** What stands in matrix-unit.wgsl for accesses of all elements of a matrix, and the last word that each accesses. */
const matrixAccesses: readonly (readonly [text: string, access: string])[] = [
  [
    'subgroupMatrixLoad<Left, row_major>(&tile, at, A_ROW_WORDS)',
    'Left(tile[at + (MATRIX_M - 1u) * A_ROW_WORDS + MATRIX_WORDS - 1u])',
  ],
  [
    'subgroupMatrixLoad<Right, col_major>(&tile, at, ROW_WORDS)',
    'Right(tile[at + (MATRIX_N - 1u) * ROW_WORDS + MATRIX_WORDS - 1u])',
  ],
  ['subgroupMatrixMultiplyAccumulate(left, right, sum)', 'Result(left.word + right.word + sum.word)'],
  [
    'subgroupMatrixStore<row_major>(&tile, at, sum, BAND_ROW_WORDS)',
    'tile[at + (MATRIX_M - 1u) * BAND_ROW_WORDS + MATRIX_N / 4u - 1u] = sum.word',
  ],
];

/** A matrix kernel's shader that accesses a word where the units would access a matrix, at the same indices. */
function withoutUnits({ files, constants: { Component, ...constants }, label }: Shader): Shader {
  const unit = matrixAccesses.reduce((text, [access, word]) => {
    if (!text.includes(access)) throw new Error(`matrix-unit.wgsl has no ${access}`);
    return text.replace(access, word);
  }, matrixUnitWgsl);
  const words = unit
    .replaceAll(/^alias (Left|Right|Result) = .*$/gm, 'struct $1 { word : vec4<u32> }')
    .replaceAll(/^@diagnostic.*\n/gm, '');
  const replaced = files.map((text) => (text === matrixUnitWgsl ? words : text));
  return { label, files: replaced, constants: { ...constants, SUBGROUP_SIZE: 32 } };
}

test('so are the indices of matrices, without which NVIDIA loads them word by word', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'octile-clamps-'));
  const plain = ({ label, files }: Shader) => /to f32$/.test(label) && !files.includes(scaleHalvesF16Wgsl);
  const shared = (count: number) => (shader: Shader) =>
    plain(shader) && shader.constants.K_SUBGROUPS === count && !shader.files.includes(matrixMixedWgsl);
  try {
    const software = await softwareFolder();
    const count = async (code: string) => clamps(await spirvOf(code, software, folder));
    for (const subgroups of [1, 2]) {
      const shader = matrix.variants().find(shared(subgroups));
      if (!shader) throw new Error(`no variant has ${subgroups} subgroups with the same outputs`);
      const code = link(withoutUnits(shader));
      // The segments' place in the tile, and exponents that are kept.
      const guarded = shader.files.includes(exponentsKeptWgsl) ? 5 : 1;
      expect(await count(code)).toBe(guarded);
      // And one that is not provable is counted: functions' results are not looked into.
      const careless = code.replaceAll('min(subgroup / PLACES, K_SUBGROUPS - 1u)', 'own(subgroup)');
      const own = 'fn own(subgroup : u32) -> u32 { return min(subgroup / PLACES, K_SUBGROUPS - 1u); }';
      expect(await count(`${careless}\n${own}`)).toBeGreaterThan(guarded);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('every index in a loop over K is provably in bounds, so that robustness costs nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'octile-clamps-'));
  try {
    const software = await softwareFolder();
    const counts: [string, number][] = [];
    for (const [kernel] of known)
      counts.push([kernel.name, clamps(await spirvOf(link(plainShader(kernel)), software, folder))]);
    expect(Object.fromEntries(counts)).toEqual(
      Object.fromEntries(known.map(([{ name }, count]) => [name, count])),
    );
    // And one that is not provable is counted.
    const careless = link(plainShader(portable)).replaceAll('min(vector, ROW_QUADS - 1u)', 'vector');
    expect(clamps(await spirvOf(careless, software, folder))).toBeGreaterThan(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
