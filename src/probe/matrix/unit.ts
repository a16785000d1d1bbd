/** @file Matrix units, as far as a probe needs them: tiles of bits go in, tiles of bits come out. */

import { hexBits } from '../finding.js';
import { f16Precision, f32Precision, type Precision } from '../precision.js';

export type OperandType = 'f16' | 'f32' | 'i8' | 'u8';
export type ResultType = 'f16' | 'f32' | 'i32' | 'u32';

/** What a unit multiplies in one instruction: M × K by K × N. */
export interface MatrixShape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly operand: OperandType;
  readonly result: ResultType;
}

/** One instruction's inputs as bits. */
export interface Tile {
  /** M × K, row by row. */
  readonly a: Uint32Array;
  /** K × N, column by column. */
  readonly b: Uint32Array;
  /** M × N, row by row. */
  readonly c: Uint32Array;
}

/** A matrix unit, or a simulation of one. */
export interface MatrixUnit {
  readonly shape: MatrixShape;
  /** The bits of A · B + C of each tile, M × N row by row. */
  multiplyAccumulate(tiles: readonly Tile[]): Promise<ArrayLike<number>[]>;
}

/** One entry of a tile: Σ a[i] · b[i] + c, as bits. Elements that are left out are zeros. */
export interface DotProduct {
  readonly a: Readonly<Record<number, number>>;
  readonly b: Readonly<Record<number, number>>;
  readonly c: number;
}

/**
 * The result bits of dot products. Each has a row and a column to itself; the tile's other entries are not looked at.
 */
export async function multiplyDots(unit: MatrixUnit, dots: readonly DotProduct[]): Promise<number[]> {
  const { m, n, k } = unit.shape;
  const perTile = Math.min(m, n);
  const tiles = Array.from({ length: Math.ceil(dots.length / perTile) }, (_, tile): Tile => {
    const [a, b, c] = [new Uint32Array(m * k), new Uint32Array(n * k), new Uint32Array(m * n)];
    dots.slice(tile * perTile, (tile + 1) * perTile).forEach((dot, i) => {
      for (const [index, bits] of Object.entries(dot.a)) a[i * k + Number(index)] = bits;
      for (const [index, bits] of Object.entries(dot.b)) b[i * k + Number(index)] = bits;
      c[i * n + i] = dot.c;
    });
    return { a, b, c };
  });
  const results = await unit.multiplyAccumulate(tiles);
  return dots.map((_, i) => {
    const entry = i % perTile;
    return results[Math.floor(i / perTile)]?.[entry * n + entry] ?? 0;
  });
}

/** The precisions of a unit of floats. */
export interface FloatTypes {
  readonly operand: Precision;
  readonly result: Precision;
}

/** Undefined for a unit of integers. */
export function floatTypes({ operand, result }: MatrixShape): FloatTypes | undefined {
  const precisions = { f16: f16Precision, f32: f32Precision } as const;
  if (operand !== 'f16' && operand !== 'f32') return undefined;
  if (result !== 'f16' && result !== 'f32') return undefined;
  return { operand: precisions[operand], result: precisions[result] };
}

/** A product: its index along K, and its factors' values. */
export type Product = readonly [index: number, x: number, y: number];

/** A dot product of values, all of which the types have. */
export function dotOf({ operand, result }: FloatTypes, products: readonly Product[], c = 0): DotProduct {
  return {
    a: Object.fromEntries(products.map(([index, x]) => [index, operand.toBits(x)])),
    b: Object.fromEntries(products.map(([index, , y]) => [index, operand.toBits(y)])),
    c: result.toBits(c),
  };
}

/** The factors of significand · 2^exponent, whose exponents are about equal. The significand has the operands' bits. */
export function factors(significand: number, exponent: number): readonly [x: number, y: number] {
  const half = Math.trunc(exponent / 2);
  return [significand * 2 ** half, 2 ** (exponent - half)];
}

/** A dot product for people to read. */
export function showDot({ operand, result }: FloatTypes, { a, b, c }: DotProduct): string[] {
  return [
    ...Object.keys(a).map(
      (index) =>
        `[${index}] ${hexBits(a[Number(index)] ?? 0, operand.width)} * ${hexBits(b[Number(index)] ?? 0, operand.width)}`,
    ),
    `c ${hexBits(c, result.width)}`,
  ];
}

/** A tile whose rows of A are all the same, as are its columns of B and the entries of C. */
export function uniformTile({ m, n, k }: MatrixShape, dot: DotProduct): Tile {
  const line = (elements: Readonly<Record<number, number>>) =>
    Array.from({ length: k }, (_, i) => elements[i] ?? 0);
  const repeat = (count: number, values: readonly number[]) =>
    Uint32Array.from({ length: count * values.length }, (_, i) => values[i % values.length] ?? 0);
  return { a: repeat(m, line(dot.a)), b: repeat(n, line(dot.b)), c: repeat(m * n, [dot.c]) };
}
