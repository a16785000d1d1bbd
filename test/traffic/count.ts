/**
 * @file A dispatch run with every access to its arrays counted: the index of each is led through a function that counts
 * it, by the workgroup that asks. Atomics and uniforms are left alone, and what is asked for beyond the end of a
 * buffer, where there is nothing to be read.
 */

import type { Dispatch, Gpu } from '../../src/gpu/gpu.js';
import { link } from '../../src/gpu/shader.js';

export interface Bytes {
  /** Asked for by threads. */
  readonly asked: number;
  /** The same with each byte once for each workgroup. */
  readonly byWorkgroup: number;
  /** Each byte once. */
  readonly distinct: number;
}

/** Bytes by "array read" or "array write". */
export type Accesses = Readonly<Record<string, Bytes>>;

const elementBytes: Readonly<Record<string, number>> = {
  u32: 4,
  f32: 4,
  'vec2<u32>': 8,
  'vec4<u32>': 16,
  'vec4<f32>': 16,
};

interface Counted {
  readonly name: string;
  readonly bytes: number;
  /** Elements that are told apart; those of workgroup memory are not. */
  readonly slots: number;
  readonly isBuffer: boolean;
}

/** Runs a dispatch with its accesses counted. */
export async function countAccesses(gpu: Gpu, dispatch: Dispatch): Promise<Accesses> {
  const { shader, buffers, workgroups } = dispatch;
  const text = link(shader);
  const arrays = [
    ...[...text.matchAll(/@binding\((\d+)\) var<storage, \w+> (\w+) : array<(.+)>;/g)].map(
      ([, binding, name, type]) =>
        counted(name, type, true, (bytes) => (buffers[Number(binding) - 1]?.size ?? 0) / bytes),
    ),
    ...[...text.matchAll(/var<workgroup> (\w+) : array<((?!atomic|Factor)\S+), /g)].map(([, name, type]) =>
      counted(name, type, false, () => 1),
    ),
  ];
  const ways = arrays.flatMap((one) => (['read', 'write'] as const).map((way) => ({ ...one, way })));
  let total = 0;
  const places = ways.map((one) => {
    const first = total;
    total += one.slots;
    return { ...one, first };
  });

  let code = text;
  for (const { name } of arrays) code = throughCounters(code, name);
  const binding =
    Math.max(...[...code.matchAll(/@binding\((\d+)\)/g)].map(([, number]) => Number(number))) + 1;
  const groups = workgroups[0] * workgroups[1] * workgroups[2];
  const counts = gpu.buffer('counts of accesses', groups * total * 4);
  await gpu.run('counting', [
    {
      ...dispatch,
      shader: {
        label: `${shader.label}, counted`,
        enables: shader.enables ?? [],
        constants: {},
        files: [counters(binding, total, places), withoutEnables(enterWorkgroup(code))],
      },
      buffers: [...Array.from({ length: binding - 1 }, (_, i) => buffers[i]), counts],
    },
  ]);
  const words = new Uint32Array(await gpu.read(counts, groups * total * 4));
  counts.destroy();

  return Object.fromEntries(
    places.map(({ name, way, bytes, first, slots }) => {
      let [asked, byWorkgroup] = [0, 0];
      const seen = new Set<number>();
      for (let group = 0; group < groups; group++)
        for (let slot = 0; slot < slots; slot++) {
          const count = words[group * total + first + slot] as number;
          asked += count;
          if (count === 0) continue;
          byWorkgroup++;
          seen.add(slot);
        }
      return [
        `${name} ${way}`,
        { asked: asked * bytes, byWorkgroup: byWorkgroup * bytes, distinct: seen.size * bytes },
      ];
    }),
  );
}

function counted(name = '', type = '', isBuffer: boolean, slotsOf: (bytes: number) => number): Counted {
  const bytes = elementBytes[type];
  if (bytes === undefined) throw new Error(`${name} is an array of ${type}, whose size is not known`);
  return { name, bytes, isBuffer, slots: slotsOf(bytes) };
}

/** Leads every index of an array through read_NAME or write_NAME. */
function throughCounters(code: string, name: string): string {
  let result = '';
  let at = 0;
  for (const match of code.matchAll(new RegExp(`\\b${name}\\[`, 'g'))) {
    const start = match.index + match[0].length;
    let depth = 1;
    let end = start;
    while (depth > 0) {
      const letter = code[end++];
      if (letter === '[') depth++;
      if (letter === ']') depth--;
    }
    const way = /^\s*=[^=]/.test(code.slice(end)) ? 'write' : 'read';
    if (match.index < at) throw new Error(`${name} is indexed by itself`);
    result += `${code.slice(at, start)}${way}_${name}(${code.slice(start, end - 1)})]`;
    at = end;
  }
  return result + code.slice(at);
}

function counters(
  binding: number,
  total: number,
  places: readonly (Counted & { readonly way: string; readonly first: number })[],
): string {
  return [
    `@group(0) @binding(${binding}) var<storage, read_write> access_counts : array<atomic<u32>>;`,
    'var<private> access_group : u32;',
    ...places.map(
      ({ name, way, first, slots, isBuffer }) =>
        `fn ${way}_${name}(i : u32) -> u32 {
          ${isBuffer ? `if (i >= ${slots}u) { return i; }` : ''}
          atomicAdd(&access_counts[access_group * ${total}u + ${first}u + min(i, ${slots - 1}u)], 1u);
          return i;
        }`,
    ),
  ].join('\n');
}

/** Has main() note which workgroup it runs for; every kernel names the builtins alike. */
function enterWorkgroup(code: string): string {
  return code.replace(/(fn main\([^{]*\{)/, '$1 access_group = workgroup.y * workgroups.x + workgroup.x;');
}

function withoutEnables(code: string): string {
  return code.replaceAll(/^enable .*$/gm, '');
}
