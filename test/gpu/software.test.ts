/** @file The embedded software adapter as a fresh machine meets it: in processes of their own, on the built package. */

import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builtPackage, run } from '../built.js';

const entry = pathToFileURL(join(builtPackage(), 'node.js')).href;

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'octile-software-test-'));
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

/** Runs a module that has the package as `octile`. */
function script(body: string, env: NodeJS.ProcessEnv = {}) {
  const text = `import * as octile from ${JSON.stringify(entry)};\n${body}`;
  return run(process.execPath, ['--input-type=module', '--eval', text], {
    env: { ...process.env, ...env },
  });
}

const openAndPrint = `
  const context = await octile.open({ adapter: 'software' });
  console.log(context.adapter.kind, context.adapter.name);
  context.dispose();`;

test('two processes at once set it up in an empty cache and end by themselves', async () => {
  const cache = join(root, 'cache');
  const outcomes = await Promise.all([1, 2].map(() => script(openAndPrint, { XDG_CACHE_HOME: cache })));
  for (const { status, stdout, stderr } of outcomes) {
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^software SwiftShader/);
    expect(status).toBe(0);
  }
  const folders = await readdir(join(cache, 'octile'));
  expect(folders).toEqual([expect.stringMatching(/^swiftshader-[\d.]+-webgpu-[\d.]+$/)]);
  const folder = join(cache, 'octile', folders[0] as string);
  const files = await readdir(folder);
  expect(files).toEqual(expect.arrayContaining(['dawn.node', 'libvulkan.so.1', 'vk_swiftshader_icd.json']));
  // The archive names the one who packed it as owner.
  for (const file of files) expect((await stat(join(folder, file))).uid).toBe(process.getuid?.());
});

test('where nothing can be written, the error says so and what helps', async () => {
  const { status, stdout } = await script(
    `await octile.open({ adapter: 'software' }).catch(({ name, message }) => console.log(name, message));`,
    { XDG_CACHE_HOME: '/dev/null/cache', TMPDIR: '/dev/null/temporary' },
  );
  expect(status).toBe(0);
  expect(stdout).toMatch(/^AdapterError no WebGPU adapter \(software\)/);
  expect(stdout).toMatch(
    /the embedded software adapter could not be set up: .*\/dev\/null\/cache.*\/dev\/null\/temporary.*set XDG_CACHE_HOME/,
  );
});

test('it leaves the environment as it was, and later requests find no loader that the system lacks', async () => {
  const { status, stdout, stderr } = await script(
    `const { XDG_RUNTIME_DIR: _, ...given } = process.env;
     delete process.env.XDG_RUNTIME_DIR;
     for (const adapter of ['software', 'auto', 'software', 'auto'])
       (await octile.open({ adapter })).dispose();
     console.log(JSON.stringify(process.env) === JSON.stringify(given));`,
  );
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'true\n', stderr: '' });
});

test('a process that forgets to dispose ends all the same', async () => {
  const { status, stderr } = await script(`
    const context = await octile.open({ adapter: 'software' });
    const matrix = octile.matrix(1, 1, Float32Array.of(1));
    await (await context.upload(matrix)).read();`);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('contexts can be opened and disposed of one after another, with work in flight', async () => {
  // As many as it takes for garbage to be collected while devices are being destroyed.
  const { status, stdout, stderr } = await script(
    `for (let i = 0; i < 150; i++) {
       const context = await octile.open({ adapter: 'software' });
       const uploaded = await context.upload(octile.matrix(1, 2, Float32Array.of(i, 2)));
       const reading = uploaded.read().then(() => 'read', (error) => error.name);
       if (i % 2) await reading;
       context.dispose();
       const outcome = await reading;
       if (outcome !== (i % 2 ? 'read' : 'DisposedError')) console.log(i, outcome);
     }
     console.log('done');`,
  );
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'done\n', stderr: '' });
});
