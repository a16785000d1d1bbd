/** @file The package as npm would publish it, unpacked into a project, and used as its users use it. */

import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import process from 'node:process';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import tar from 'tar-fs';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtPackage, root, run } from '../built.js';

/** A folder with the project, and beside it the packages that octile depends on. */
let workspace: string;
let project: string;

beforeAll(async () => {
  builtPackage();
  workspace = await mkdtemp(join(tmpdir(), 'octile-package-test-'));
  project = join(workspace, 'project');
  const modules = join(project, 'node_modules');
  await mkdir(modules, { recursive: true });
  await symlink(join(root, 'node_modules'), join(workspace, 'node_modules'));
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');

  const packed = await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', workspace]);
  expect(packed).toMatchObject({ status: 0 });
  const archive = (await readdir(workspace)).find((name) => name.endsWith('.tgz'));
  await pipeline(createReadStream(join(workspace, archive as string)), createGunzip(), tar.extract(modules));
  await rename(join(modules, 'package'), join(modules, 'octile'));
});

afterAll(async () => {
  await rm(workspace, { recursive: true, force: true });
});

async function writeSource(name: string, text: string): Promise<string> {
  const file = join(project, name);
  await writeFile(file, text);
  return file;
}

test('it holds what it promises and nothing that is only for its makers', async () => {
  const files = await readdir(join(project, 'node_modules', 'octile'));
  expect(files).toEqual(expect.arrayContaining(['LICENSE', 'dist', 'package.json', 'shaders']));
  expect(files.filter((file) => !/^(?:LICENSE|README\.md|dist|package\.json|shaders)$/.test(file))).toEqual(
    [],
  );
});

test('what is bundled of other packages brings its licence along', async () => {
  const vendor = join(project, 'node_modules', 'octile', 'dist', 'vendor');
  const bundled = (await readdir(vendor)).filter((name) => name !== 'licences.txt');
  expect(bundled).toContain('idb');
  const licences = await readFile(join(vendor, 'licences.txt'), 'utf8');
  for (const name of bundled)
    expect(licences).toContain((await readFile(join(root, 'node_modules', name, 'LICENSE'), 'utf8')).trim());
});

test('a script opens an adapter, quantises and multiplies like the oracles, and ends', async () => {
  const script = await writeSource(
    'script.js',
    `import { matrix, open, quantize, referenceGemm } from 'octile';

     // Whole numbers of four bits with power-of-two scales: codes, products and sums lose nothing.
     const whole = (rows, cols, step) =>
       matrix(rows, cols, Float32Array.from({ length: rows * cols }, (_, i) => ((i * step) % 31) - 15));
     const [x, w] = [whole(5, 256, 7), whole(130, 256, 11)];
     const forX = { granularity: '1x128', powerOfTwo: true };
     const forW = { granularity: '128x128', powerOfTwo: true };

     const context = await open({ adapter: 'software' });
     const [a, b] = [await context.quantize(x, forX), await context.quantize(w, forW)];
     const [codes, product] = [await a.read(), await (await context.gemm(a, b)).read()];

     const exact = Array.from({ length: 5 * 130 }, (_, i) => {
       let sum = 0;
       for (let k = 0; k < 256; k++)
         sum += x.data[Math.floor(i / 130) * 256 + k] * w.data[(i % 130) * 256 + k];
       return sum;
     });
     const same = (one, other) => one.length === other.length && one.every((value, i) => value === other[i]);
     console.log(JSON.stringify({
       kind: context.adapter.kind,
       shape: [product.rows, product.cols],
       codes: same(codes.codes, quantize(x, forX).codes),
       scales: same(codes.scales, quantize(x, forX).scales),
       oracle: same(product.data, referenceGemm(quantize(x, forX), quantize(w, forW)).data),
       exact: same(product.data, exact),
       varied: new Set(product.data).size > 100,
     }));
     context.dispose();`,
  );
  const { status, stdout, stderr } = await run(process.execPath, [script], { cwd: project });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({
    kind: 'software',
    shape: [5, 130],
    codes: true,
    scales: true,
    oracle: true,
    exact: true,
    varied: true,
  });
});

test('the command runs', async () => {
  const bin = join(project, 'node_modules', 'octile', 'dist', 'cli.js');
  const { status, stdout } = await run(process.execPath, [bin, '--help'], { cwd: project });
  expect(status).toBe(0);
  expect(stdout).toContain('octile');
});

describe('types', () => {
  const consumer = `
    import { ArgumentError, type Context, encode, formats, type Matrix, matrix, open, quantize } from 'octile';

    const x: Matrix = matrix(1, 2, Float32Array.of(1, 2));
    using context: Context = await open({ adapter: 'auto' });
    const q = await context.quantize(x, { format: 'e4m3', granularity: '1x128' });
    const d = await context.gemm(q, quantize(x), { out: 'bf16' });
    const rows: number = (await d.read()).rows;
    const code: number = encode(formats.e4m3, 1.5, { rounding: 'toward-zero' });
    console.log(rows, code, new ArgumentError('a', 1, 'b').argument);`;
  const wrong = `
    import { open } from 'octile';
    const context = await open({ adapter: 7 });
    context.multiply();`;
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const check = (file: string, flags: string[]) =>
    run(process.execPath, [tsc, '--noEmit', '--strict', '--target', 'es2022', ...flags, file], {
      cwd: project,
    });

  test.each([
    ['nodenext', ['--module', 'nodenext']],
    ['bundler', ['--module', 'esnext', '--moduleResolution', 'bundler']],
  ])('resolve under %s and are checked with the library', async (name, flags) => {
    const right = await check(await writeSource(`right-${name}.ts`, consumer), flags);
    expect(right).toMatchObject({ status: 0, stdout: '' });
    const mistaken = await check(await writeSource(`wrong-${name}.ts`, wrong), flags);
    expect(mistaken.status).not.toBe(0);
    expect(mistaken.stdout).toMatch(/Type 'number' is not assignable to type/);
    expect(mistaken.stdout).toMatch(/Property 'multiply' does not exist on type 'Context'/);
  });
});

test('TypeScript before 6, whose DOM library has no WebGPU, gets types that bring it along', async () => {
  const { exports, dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const entries = [exports['.'].node, exports['.']];
  for (const entry of entries) {
    // Conditions are tried in their order: the general one must not come first.
    const conditions = Object.keys(entry).filter((condition) => condition.startsWith('types'));
    expect(conditions).toEqual(['types@<6', 'types']);
    const modern = join(project, 'node_modules', 'octile', entry.types);
    const older = join(project, 'node_modules', 'octile', entry['types@<6']);
    const text = await readFile(older, 'utf8');
    expect(text).toContain('/// <reference types="@webgpu/types"');
    expect(text).toContain(`export * from '../${basename(modern, '.d.ts')}.js'`);
    expect(await readFile(modern, 'utf8')).not.toContain('@webgpu/types');
  }
  expect(dependencies).toHaveProperty(['@webgpu/types']);
});

describe('in a bundle for browsers', () => {
  /** The bundle of a module that has the package as `octile`. */
  async function bundle(name: string, text: string) {
    const input = await writeSource(name, text);
    const result = await build({
      root: project,
      configFile: false,
      logLevel: 'silent',
      build: {
        write: false,
        minify: false,
        rolldownOptions: { input, preserveEntrySignatures: 'strict' },
      },
    });
    const { output } = (Array.isArray(result) ? result[0] : result) as Extract<
      typeof result,
      { output: unknown }
    >;
    const [chunk] = output;
    expect(output).toHaveLength(1);
    return chunk;
  }

  test('everything is there and nothing of Node', async () => {
    const { code, imports, moduleIds } = await bundle('all.js', `export * from 'octile';`);
    expect(code).toContain('@compute');
    expect(imports).toEqual([]);
    // What is of Node would have become a module that stands in for it.
    const foreign = moduleIds.filter((id) => !/project\/(?:node_modules\/octile\/dist\/|all\.js)/.test(id));
    expect(foreign).toEqual([]);
    expect(moduleIds.filter((id) => /dist\/(?:cli|io|node)\b/.test(id))).toEqual([]);
  });

  test('whoever encodes on the CPU carries no shader and no GPU', async () => {
    const { code } = await bundle(
      'small.js',
      `import { encode, formats } from 'octile'; console.log(encode(formats.e4m3, 1.5));`,
    );
    expect(code).toContain('all-ones-nan');
    expect(code).not.toMatch(/@compute|requestDevice|createBuffer|Float64Array/);
    expect(code.length).toBeLessThan(20_000);
  });
});
