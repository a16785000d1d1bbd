/** @file The shaders as texts: each compiles in every variant, each is used, and each says what it takes. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { link, type Shader } from '../../src/gpu/shader.js';
import { openTestGpu } from '../adapter.js';
import { root } from '../built.js';
import { rooms } from './variants.js';

const gpu = await openTestGpu('null');

/** Files below a folder of the repository whose names end so, by their paths, with their texts. */
function texts(folder: string, ending: string): [path: string, text: string][] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending) && !name.includes('node_modules/'))
    .sort()
    .map((name) => [`${folder}/${name}`, readFileSync(join(root, folder, name), 'utf8')]);
}

const shaders = Object.values(rooms).flatMap((room) => room());
const wgsl = texts('shaders', '.wgsl');

describe('every variant compiles', () => {
  test.each(Object.entries(rooms))('%s', async (_, room) => {
    const distinct = new Map<string, Shader>(room().map((shader) => [link(shader), shader]));
    expect(distinct.size).toBeGreaterThan(0);
    for (const shader of distinct.values()) await gpu.pipeline(shader);
  });

  test('and one that does not is found', async () => {
    const shader = shaders[0] as Shader;
    const broken = { ...shader, files: [...shader.files, 'fn broken() -> u32 { return 1.5; }'] };
    await expect(gpu.guard('compiling', () => gpu.pipeline(broken))).rejects.toThrow(
      /did not compile.*return/s,
    );
  });
});

test.each(wgsl)('%s is used by a shader', (_, text) => {
  expect(shaders.some(({ files }) => files.includes(text))).toBe(true);
});

test('shaders are files: no TypeScript holds WGSL', () => {
  const sources = [...texts('src', '.ts'), ...texts('bench', '.ts')];
  expect(sources.length).toBeGreaterThan(50);
  const holding = sources.filter(([, text]) =>
    /@compute|@group\(|\bfn \w+\(|var<(?:storage|workgroup|uniform)/.test(text),
  );
  expect(holding.map(([path]) => path)).toEqual([]);
});

describe('the header of a compute shader states what a workgroup takes', () => {
  const compute = wgsl.filter(([, text]) => text.includes('@compute'));

  test.each(compute)('%s', (_, text) => {
    const header = text.match(/^(?:\/\/.*\n)+/)?.[0].replaceAll(/\n?\/\/ ?/g, ' ') ?? '';
    expect(header).toMatch(/\bworkgroup memory\b/i);
    if (text.includes('var<workgroup>')) expect(header).toMatch(/\d (?:bytes|KiB)/);
    // Or it says in which of its files the memory is.
    else expect(header).toMatch(/\bno workgroup memory\b|\bworkgroup memory \([\w-]+\.wgsl\)/i);

    // The number of threads, unless a constant from outside decides it.
    const threads = workgroupSize(text);
    if (Number.isNaN(threads)) expect(header).toMatch(/\bthreads?\b/i);
    else
      expect(header).toMatch(new RegExp(`\\b(?:${threads}(?:-thread| threads)|threads: ${threads})\\b`, 'i'));
  });
});

/** Threads of a workgroup, NaN if that is not a matter of literals. */
function workgroupSize(text: string): number {
  const sizes = text.match(/@workgroup_size\(([^)]*)\)/)?.[1]?.split(',') ?? [];
  const literal = (size: string): number => {
    const constant = text.match(new RegExp(`const ${size}\\b[^=]*= *([^;]+);`))?.[1];
    return constant === undefined ? Number.parseInt(size, 10) : literal(constant.trim());
  };
  return sizes.map((size) => literal(size.trim())).reduce((product, size) => product * size, 1);
}
