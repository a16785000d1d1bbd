/** @file The tiles of kernels on matrix units: sizes and ways that their shaders are compiled with. */

import type { Machine } from '../../gpu/machine.js';
import type { Tiling } from '../kernel.js';

/** What matrix units add up in. */
export type SumType = 'f32' | 'f16';

/** Rows and columns of a workgroup's tile and of a subgroup's, and elements of K in a step. */
export interface MatrixTile {
  readonly rows: number;
  readonly cols: number;
  readonly unitRows: number;
  readonly unitCols: number;
  readonly depth: number;
  /** Subgroups that have the same outputs and divide a step's K among them. Default 1. */
  readonly kSubgroups?: number;
}

export interface MatrixTiling extends MatrixTile, Tiling {
  /** The arithmetic in which values meet their scales. */
  readonly scaling: 'f32' | 'f16';
  /**
   * Codes become values on the way into workgroup memory, or once before, by decode-pass.wgsl: both operands', or A's.
   */
  readonly decode: 'inline' | 'pass' | 'pass-a';
  /** Parts of K. */
  readonly parts: number;
}

/** Subgroups of a tile's workgroup. */
export function subgroupsOf({ rows, cols, unitRows, unitCols, kSubgroups = 1 }: MatrixTile): number {
  return (rows / unitRows) * (cols / unitCols) * kSubgroups;
}

/** Threads of a tile's workgroup. */
export function threadsOf(tile: MatrixTile, { subgroupMaxSize }: Pick<Machine, 'subgroupMaxSize'>): number {
  return subgroupsOf(tile) * subgroupMaxSize;
}
