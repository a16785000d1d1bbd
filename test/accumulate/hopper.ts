/** @file The results captured from a Hopper tensor core, as tests use them. */

import type { FormatName } from '../../src/format/formats.js';
import { goldenBytes } from '../golden.js';

/** One wgmma instruction a case: d = a · bᵀ + c, 64 × 8 results from 32 products each. */
export interface WgmmaSet {
  readonly name: string;
  readonly aFormat: FormatName;
  readonly bFormat: FormatName;
  readonly cases: number;
  readonly a: Uint8Array;
  readonly b: Uint8Array;
  readonly c: Float32Array;
  readonly d: Uint32Array;
}

const wgmmaNames = [
  'e4m3-uniform-c0',
  'e4m3-uniform-c',
  'e4m3-normal-c',
  'e4m3-sparse-c',
  'e5m2-uniform-c',
  'e4m3e5m2-uniform-c',
  'e4m3-special',
  'e5m2-special',
] as const;

/** Every captured set of single instructions. */
export function wgmmaSets(): WgmmaSet[] {
  return wgmmaNames.map((name) => {
    const read = (array: string) => goldenBytes(`hopper/wgmma.${name}.${array}.br`);
    const formats = name.split('-')[0] as string;
    const a = new Uint8Array(read('a'));
    return {
      name,
      aFormat: formats.slice(0, 4) as FormatName,
      bFormat: formats.slice(-4) as FormatName,
      cases: a.length / (64 * 32),
      a,
      b: new Uint8Array(read('b')),
      c: new Float32Array(read('c')),
      d: new Uint32Array(read('d')),
    };
  });
}

/** Captured GEMMs: 64 × 128 outputs, K = 1024, e4m3 on both sides. */
export function hopperGemms() {
  const codes = (name: string) => new Uint8Array(goldenBytes(`hopper/gemm.${name}.br`));
  const values = (name: string) => new Float32Array(goldenBytes(`hopper/gemm.${name}.br`));
  return {
    unit: {
      a: codes('k1024.a'),
      b: codes('k1024.b'),
      fast: values('k1024.fast'),
      split: values('k1024.split'),
    },
    block: {
      a: codes('block.a'),
      aScale: values('block.a-scale'),
      b: codes('block.b'),
      bScale: values('block.b-scale'),
      out: values('block.out'),
    },
  };
}
