/** @file Dot products of four bytes packed into a word: dot4U8Packed() and dot4I8Packed(). */

import packedWgsl from '../../../shaders/probe/packed.wgsl?raw';
import type { Gpu } from '../../gpu/gpu.js';
import type { Shader } from '../../gpu/shader.js';
import { type Choice, decide } from '../choice.js';
import { evaluateOnGpu } from '../evaluate.js';
import { hexBits, type Section } from '../finding.js';
import { unlessRefused } from '../offered.js';
import { Stream } from '../stream.js';

export const packedShader: Shader = {
  label: 'probe packed dot products',
  files: [packedWgsl],
  constants: {},
};

type Pair = readonly [x: number, y: number];

const threads = 64;

/** Pairs of words: the extremes, where sums are largest, and random bytes. */
export function packedPairs(): Pair[] {
  const extremes = [0, 0xffffffff, 0x80808080, 0x7f7f7f7f, 0x80ff7f01, 0x01020304];
  const stream = new Stream(40);
  return [
    ...extremes.flatMap((x) => extremes.map((y): Pair => [x, y])),
    ...Array.from({ length: 476 }, (): Pair => [stream.word(), stream.word()]),
  ];
}

/** The bytes of a word, the lowest first. */
function bytes(word: number, signed: boolean): number[] {
  return [24, 16, 8, 0].map((shift) => (signed ? (word << shift) >> 24 : (word << shift) >>> 24));
}

function dot([x, y]: Pair, signed: boolean): number[] {
  const other = bytes(y, signed);
  return bytes(x, signed).map((byte, i) => byte * (other[i] ?? 0));
}

/** A question about one of the functions. */
export function packedChoice(signed: boolean, cases: readonly Pair[]): Choice<Pair> {
  const sum = (terms: readonly number[]) => terms.reduce((total, term) => total + term, 0);
  // A unit that adds pairs in 16 bits may saturate there, as x86's maddubs does.
  const saturated = (total: number) => Math.max(-(2 ** 15), Math.min(2 ** 15 - 1, total));
  return {
    id: signed ? 'packed.dot4i8.sum' : 'packed.dot4u8.sum',
    question: `Is ${signed ? 'dot4I8Packed' : 'dot4U8Packed'}() exact?`,
    cases,
    hypotheses: [
      { name: 'exact', predict: (pair) => sum(dot(pair, signed)) >>> 0 },
      {
        name: 'pairs saturated to 16 bits',
        predict: (pair) => {
          const terms = dot(pair, signed);
          return (saturated(sum(terms.slice(0, 2))) + saturated(sum(terms.slice(2)))) >>> 0;
        },
      },
    ],
    inputs: (pair) => pair.map((word) => hexBits(word)),
    show: (bits) => hexBits(bits),
    isNaN: () => false,
  };
}

/** What an adapter gives. */
export function packedSection(gpu: Gpu): Promise<Section> {
  const about = { id: 'packed', title: 'packed dot products of bytes' };
  const pairs = packedPairs();
  const reason =
    'the compiler here refuses the shader; it may lack the language feature packed_4x8_integer_dot_product, which ' +
    'current browsers have';
  return unlessRefused(about, reason, async () => {
    const [result] = await evaluateOnGpu(gpu, 'probing packed dot products', [
      {
        shader: packedShader,
        inputs: [Uint32Array.from(pairs.flat())],
        resultBytes: pairs.length * 8,
        workgroups: Math.ceil(pairs.length / threads),
      },
    ]);
    const words = new Uint32Array(result ?? new ArrayBuffer(0));
    const findings = [false, true].map((signed) => {
      const seen = pairs.map((_, i) => words[2 * i + (signed ? 1 : 0)] ?? 0);
      return decide(packedChoice(signed, pairs), seen).finding;
    });
    return { ...about, findings };
  });
}
