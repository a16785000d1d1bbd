/** @file What a GEMM kernel is: a value that says what it needs, and makes dispatches of operands. */

import type { Dispatch } from '../gpu/gpu.js';
import type { LimitName, Machine } from '../gpu/machine.js';
import type { Shader } from '../gpu/shader.js';
import type { GpuMatrix, GpuQuantizedMatrix } from '../gpu-matrix.js';
import type { ErrorBound } from './error-bound.js';
import type { GemmProblem } from './problem.js';

/** The matrices of D = A · Bᵀ (+ C) on one GPU, of fitting shapes. */
export interface GemmMatrices {
  readonly a: GpuQuantizedMatrix;
  readonly b: GpuQuantizedMatrix;
  readonly c?: GpuMatrix | undefined;
  /** Written. */
  readonly d: GpuMatrix;
}

/** Sizes and choices that a kernel's shader is compiled with, by name. What they mean is the kernel's to say. */
export type Tiling = Readonly<Record<string, number | string>>;

/** Where groups lie: the buffer that a place-*.wgsl reads, and the rows of tiles. */
export interface Placement {
  readonly buffer: GPUBuffer;
  readonly rowTiles: number;
}

/** What a kernel is to compute, and how. */
export interface GemmJob {
  readonly problem: GemmProblem;
  readonly matrices: GemmMatrices;
  readonly machine: Machine;
  /** One of the kernel's tilings(). */
  readonly tiling: Tiling;
  /** Storage buffers of at least the bytes that scratchBytes() asks for. */
  readonly scratch: readonly GPUBuffer[];
  /** For a problem with a grouping: its placement in tiles of the tiling's rows, and of the kernel's redoRows. */
  readonly groups?: (Placement & { readonly redo?: Placement | undefined }) | undefined;
  /** The most operations one dispatch may do, where the work can be divided. */
  readonly operationsPerDispatch: number;
}

/** A kernel whose results are bits that an oracle defines. */
export interface Emulator {
  readonly name: string;
  /** What it is, in a line. */
  readonly summary: string;
  /** Features of the device it cannot do without. */
  readonly features: readonly string[];
  /** The least it needs of limits that a device may have too small. */
  readonly limits: Readonly<Partial<Record<LimitName, number>>>;
  /** What the device lacks beyond features and limits, as "it needs …"; undefined if nothing. */
  lacks?(machine: Machine): string | undefined;
  /** Whether it computes problems with a grouping, in tiles of `tiling.rows` rows. Default not. */
  readonly grouped?: boolean;
  /** Rows of the tiles in which it computes again what it has given up, if it ever does. */
  readonly redoRows?: number;
  /** Why it cannot compute this problem on any device, as "it …"; undefined if it can. */
  unfit(problem: GemmProblem): string | undefined;
  /**
   * The tilings that this machine can run for this problem, at least one where the features and limits are there:
   * the one to take untuned first. Tuning tries them all.
   */
  tilings(problem: GemmProblem, machine: Machine): readonly Tiling[];
  /** Bytes of each of the scratch buffers that a tiling takes; none if left out. */
  scratchBytes?(problem: GemmProblem, tiling: Tiling): readonly number[];
  /** The dispatches that compute D. They allocate nothing and may be run any number of times. */
  dispatches(job: GemmJob): Dispatch[];
  /**
   * Shaders that between them hold every piece of WGSL the kernel can be made of, for compiling without a GPU
   * of the right kind.
   */
  variants(): Shader[];
}

/** A kernel that computes in floating point, with errors that are bounded. */
export interface Kernel extends Emulator {
  /** How far its results may be from the exact ones. */
  readonly errorBound: ErrorBound;
  /**
   * Whether it rounds values times their scales to halves, where scales are no powers of two (foldingOf). That costs
   * accuracy, so that auto takes it for these only where tuning has been asked to try it. Default not.
   */
  readonly folds?: boolean;
  /** Whether it adds in halves, which costs accuracy with any scales: auto takes it as above. Default not. */
  readonly addsInHalves?: boolean;
}
