/**
 * @file Vectors in memory that threads share are written whole. WGSL lets a write of a component touch the vector's others
 * (gpuweb/gpuweb#2112), which other threads may be writing: Metal and Direct3D do so, Vulkan mostly does not.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const shaders = readdirSync('shaders', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.wgsl'))
  .map((file) => ({ file, text: readFileSync(`shaders/${file}`, 'utf8') }));
const shared = shaders.flatMap(({ text }) =>
  [...text.matchAll(/var<(?:workgroup|storage[^>]*)> (\w+)/g)].map(([, name]) => name as string),
);

/** Assignments to a part of an element: x[…][…] = and x[…].name =, but not of a structure's member that is whole. */
function partialWrites(text: string): string[] {
  const write = new RegExp(
    `\\b(?:${shared.join('|')})\\[[^=;]*\\](?:\\[[^=;]*\\]|\\.[xyzwrgba])\\s*[-+*/|&^]?=[^=]`,
    'g',
  );
  return [...text.matchAll(write)].map(([one]) => one);
}

test('no shader writes a component of a shared vector', () => {
  expect(shared.length).toBeGreaterThan(20);
  for (const { file, text } of shaders) expect(partialWrites(text), file).toEqual([]);
});

test('such a write would be found', () => {
  expect(partialWrites('  a_tile[at + 1u][slot % 4u] = value;')).toHaveLength(1);
  expect(partialWrites('  a_tile[at].x += value;')).toHaveLength(1);
  expect(partialWrites('  a_tile[at] = vec4<f32>(b_tile[at].x);')).toHaveLength(0);
});
