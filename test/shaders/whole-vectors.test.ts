/**
 * @file Vectors in memory that threads share are written whole. WGSL lets a write of a component touch the vector's
 * others (gpuweb/gpuweb#2112), which other threads may be writing: Metal and Direct3D do so, Vulkan mostly does not.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const shaders = readdirSync('shaders', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.wgsl'))
  .map((file) => ({ file, text: readFileSync(`shaders/${file}`, 'utf8') }));
const shared = shaders.flatMap(({ text }) =>
  [...text.matchAll(/var<(?:workgroup|storage[^>]*)> (\w+)/g)].map(([, name]) => name as string),
);

/** Assignments to a part of an element of a shared array: x[…][…] = and x[…].y =, after members or not. */
function partialWrites(text: string): string[] {
  return [...text.matchAll(new RegExp(`\\b(?:${shared.join('|')})\\s*(?=\\[)`, 'g'))].flatMap((match) => {
    let end = afterBrackets(text, match.index + match[0].length);
    let partial = false;
    for (;;) {
      const [member] = /^\s*\.\w+/.exec(text.slice(end)) ?? [];
      const [gap] = /^\s*(?=\[)/.exec(text.slice(end)) ?? [];
      if (member === undefined && gap === undefined) break;
      partial = member === undefined || /\.[xyzwrgba]{1,4}$/.test(member);
      end = member === undefined ? afterBrackets(text, end + (gap ?? '').length) : end + member.length;
    }
    const assigned = /^\s*(?:(?:[-+*/%|&^]|<<|>>)?=(?!=)|\+\+|--)/.test(text.slice(end));
    return partial && assigned ? [text.slice(match.index, end)] : [];
  });
}

/** The place after the bracket that closes the one at `start`. */
function afterBrackets(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '[') depth++;
    if (text[at] === ']' && --depth === 0) return at + 1;
  }
  return text.length;
}

test('no shader writes a component of a shared vector', () => {
  expect(shared.length).toBeGreaterThan(20);
  for (const { file, text } of shaders) expect(partialWrites(text), file).toEqual([]);
});

test('such a write would be found', () => {
  for (const written of [
    'a_tile[at + 1u][slot % 4u] = value',
    'a_tile[t[i]].x += one',
    'tile [n] [c[d]]\n ++',
  ])
    expect(partialWrites(`  ${written};`), written).toHaveLength(1);
  for (const whole of [
    'a_tile[at] = vec4<f32>(b_tile[at].x)',
    'let x = tile[i].x == 1u',
    'slot_factor[i] = f',
  ])
    expect(partialWrites(`  ${whole};`), whole).toEqual([]);
});
